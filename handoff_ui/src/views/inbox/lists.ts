/** What is loaded together for whoever looks at a list of cases. */
export { GroupView } from './group';
export { InboxView } from './inbox';

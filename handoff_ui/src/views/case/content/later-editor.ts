import { later } from '../../../parts/later';

/** What edits and compares is fetched by who edits. */
export const Editor = later(() => import('../../../parts/editor').then(({ Editor: found }) => found));

import type { JSX } from 'preact';
import type { PolicyPage } from '../../route';
import '../../styles/policies.css';
import { PolicyList } from './list';
import { PolicyView } from './policy';

/** Everything about the rules: the list of them, and one of them. */
export function PoliciesView({ workflowId, page }: { workflowId: string | null; page: PolicyPage }): JSX.Element {
  if (workflowId === null) return <PolicyList />;
  return <PolicyView key={workflowId} workflowId={workflowId} page={page} />;
}

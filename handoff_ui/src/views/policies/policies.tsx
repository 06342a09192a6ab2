import type { JSX } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import type { PolicyPage } from '../../route';
import { useApp } from '../../context';
import '../../styles/policies.css';
import { PolicyList } from './list';
import { PolicyView } from './policy';

/** Everything about the rules: the list of them, and one of them. */
export function PoliciesView({ workflowId, page }: { workflowId: string | null; page: PolicyPage }): JSX.Element {
  const { renewPauses } = useApp();
  // Whoever comes to resume what was paused a moment ago finds it.
  useLayoutEffect(() => void renewPauses(), [workflowId, renewPauses]);
  if (workflowId === null) return <PolicyList />;
  return <PolicyView key={workflowId} workflowId={workflowId} page={page} />;
}

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Routing } from '../../../api/policy-types';
import { useApp } from '../../../context';
import { humanise } from '../../../content/humanise';
import { later } from '../../../parts/later';
import { policyAddress } from '../../../route';
import type { Metadata } from '../../../trust/package';

const TraceSteps = later(() => import('./trace-steps').then(({ TraceSteps: found }) => found));

interface TraceProps {
  metadata: Metadata;
  routing: Routing | null;
  open: boolean;
}

/** The way a case took through the rules, folded, and which version of them holds for it (R-GOV-22); old cases have neither. */
export function RouteTrace({ metadata, routing, open }: TraceProps): JSX.Element | null {
  const { policy } = metadata;
  const [unfolded, setUnfolded] = useState(false);
  if (!policy && routing === null) return null;
  return (
    <div class="trace">
      {routing?.trace?.some(({ outcome }) => outcome !== 'not_reached') && (
        <details onToggle={({ currentTarget }) => setUnfolded(currentTarget.open)}>
          <summary>How the rules came to that</summary>
          {unfolded && <TraceSteps routing={routing} display={metadata.display} />}
        </details>
      )}
      {policy && <PolicyLine {...policy} workflowId={metadata.workflow_id} open={open} />}
    </div>
  );
}

interface LineProps {
  id: string;
  version: number;
  workflowId: string;
  open: boolean;
}

function PolicyLine({ id, version, workflowId, open }: LineProps): JSX.Element {
  const { session } = useApp();
  const words =
    id === workflowId && version > 0 ? `version ${version} of its rules` : `the built-in rules “${humanise(id)}”`;
  const alone = session === null || session.assurance === 'link';
  return (
    <p class="trace__policy">
      {open ? 'It is decided under ' : 'It was decided under '}
      {alone ? words : <a href={policyAddress(workflowId, version > 0 ? 'versions' : 'rules')}>{words}</a>}.
    </p>
  );
}

import type { JSX } from 'preact';
import type { Routing, TraceStep } from '../../../api/policy-types';
import { useApp } from '../../../context';
import { humanise } from '../../../content/humanise';
import { placesOf } from '../../../content/places';
import { Seen } from '../../../parts/quote';
import { policyAddress } from '../../../route';
import type { DisplayEntry, Metadata } from '../../../trust/package';
import { LANE_WORDS, STAGE_WORDS } from '../../../words/route';

interface TraceProps {
  metadata: Metadata;
  routing: Routing | null;
  open: boolean;
}

/** The way a case took through the rules, folded, and which version of them holds for it (R-GOV-22); old cases have neither. */
export function RouteTrace({ metadata, routing, open }: TraceProps): JSX.Element | null {
  const { policy } = metadata;
  if (!policy && routing === null) return null;
  const steps = (routing?.trace ?? []).filter(({ outcome }) => outcome !== 'not_reached');
  const deciding = steps.find(({ route, outcome }) => route === routing?.route && outcome !== 'clear');
  return (
    <div class="trace">
      {routing !== null && steps.length > 0 && (
        <details>
          <summary>How the rules came to that</summary>
          <ol class="trace__steps">
            {steps.map((step) => (
              <li key={step.stage} class="trace__step" data-decides={step === deciding}>
                <span class="trace__stage">{STAGE_WORDS[step.stage] ?? humanise(step.stage)}</span>
                <Seen text={step.words} />
                <Found step={step} display={metadata.display} />
              </li>
            ))}
          </ol>
          <p class="trace__end">
            So: {(LANE_WORDS[routing.lane] ?? humanise(routing.lane)).toLowerCase()}
            {routing.queue !== null && `, in the queue “${humanise(routing.queue)}”`}.
          </p>
        </details>
      )}
      {policy && <PolicyLine {...policy} workflowId={metadata.workflow_id} open={open} />}
    </div>
  );
}

/** In which fields it was found. */
function Found({ step, display }: { step: TraceStep; display: DisplayEntry[] }): JSX.Element | null {
  const pointers = (step.signals ?? []).map(({ where }) => where ?? '');
  const { request, output } = placesOf(pointers, display);
  const places = [...output, ...request];
  if (places.length === 0) return null;
  return (
    <span class="trace__where">
      {' '}
      Found in <Seen text={[...new Set(places)].join(', ')} />.
    </span>
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

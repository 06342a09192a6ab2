import type { JSX } from 'preact';
import type { Routing, TraceStep } from '../../../api/policy-types';
import { humanise } from '../../../content/humanise';
import { placesOf } from '../../../content/places';
import { Seen } from '../../../parts/quote';
import type { DisplayEntry } from '../../../trust/package';
import { LANE_WORDS, STAGE_WORDS } from '../../../words/route';

/** Which rules were asked in turn, what each found, and what came of it. */
export function TraceSteps({ routing, display }: { routing: Routing; display: DisplayEntry[] }): JSX.Element {
  const steps = routing.trace.filter(({ outcome }) => outcome !== 'not_reached');
  const deciding = steps.find(({ route, outcome }) => route === routing.route && outcome !== 'clear');
  return (
    <>
      <ol class="trace__steps">
        {steps.map((step) => (
          <li key={step.stage} class="trace__step" data-decides={step === deciding}>
            <span class="trace__stage">{STAGE_WORDS[step.stage] ?? humanise(step.stage)}</span>
            <Seen text={step.words} />
            <Found step={step} display={display} />
          </li>
        ))}
      </ol>
      <p class="trace__end">
        So: {(LANE_WORDS[routing.lane] ?? humanise(routing.lane)).toLowerCase()}
        {routing.queue !== null && `, in the queue “${humanise(routing.queue)}”`}.
      </p>
    </>
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

import type { JSX } from 'preact';
import type { Live } from '../../../api/types';
import { Panel } from '../../../parts/panel';
import { Seen } from '../../../parts/quote';
import type { ContextPackage } from '../../../trust/package';
import { flagWords } from '../../../words/flags';
import { asksOfPause, isOpen } from '../../../words/standing';
import { Confidence } from './confidence';
import { Places } from './places';
import { Counterfactuals, Evidence, Features, Harms, NoneSupplied, NotSupplied, Rationale, Urgency } from './panels';
import { Similar } from './similar';
import { Provenance } from './provenance';
import { RouteTrace } from './route-trace';
import { Story } from './story';

/** Middle: why it stopped, how sure the machine is, and what to check it against. */
export function WhyPane({ live, content }: { live: Live; content: ContextPackage }): JSX.Element {
  const { metadata } = content;
  if (asksOfPause(live)) return <WhyPaused live={live} />;
  const told = new Set(metadata.stop_reasons.map(({ code }) => code));
  const untold = metadata.flags.filter((flag) => !told.has(flag));
  const [hasFeatures, hasCounterfactuals] = [metadata.features.length > 0, metadata.counterfactuals.length > 0];
  const routing = metadata.routing ?? live.routing ?? null;
  return (
    <section class="pane pane--why" aria-label="Why it stopped, and how sure the model is">
      <Panel title="Why it stopped here">
        <ul class="reasons">
          {metadata.stop_reasons.map(({ kind, code, text }) => (
            <li key={code} class="reason" data-kind={kind}>
              <Seen text={text} />
              <Places of={code} routing={routing} display={metadata.display} />
            </li>
          ))}
          {untold.map((flag) => (
            <li key={flag} class="reason" data-kind="policy">
              Marked: {flagWords(flag)}.
              <Places of={flag} routing={routing} display={metadata.display} />
            </li>
          ))}
        </ul>
        <RouteTrace metadata={metadata} routing={routing} open={isOpen(live)} />
      </Panel>
      <Panel title="How sure the model was">
        <Confidence metadata={metadata} bands={live.confidence_bands} />
      </Panel>
      <Urgency metadata={metadata} />
      <Harms metadata={metadata} />
      <Rationale metadata={metadata} />
      <Evidence metadata={metadata} />
      {hasFeatures && <Features metadata={metadata} />}
      {hasCounterfactuals && <Counterfactuals metadata={metadata} />}
      <Similar metadata={metadata} codes={live.reason_codes} />
      <Provenance content={content} />
      {!hasFeatures && <NoneSupplied title="What moved the model" />}
      {!hasCounterfactuals && <NoneSupplied title="What would have changed the answer" />}
      <NotSupplied metadata={metadata} />
      <Story live={live} />
    </section>
  );
}

/** A pause is no suggestion of a model: nothing is said of one. */
function WhyPaused({ live }: { live: Live }): JSX.Element {
  return (
    <section class="pane pane--why" aria-label="Why you are asked">
      <Panel title="Why you are asked">
        <p>
          It was paused, so nothing of it goes on by itself. Before anybody resumes it, a person looks at it afresh.
        </p>
      </Panel>
      <Story live={live} />
    </section>
  );
}

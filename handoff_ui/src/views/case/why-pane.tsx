import type { JSX } from 'preact';
import type { Live } from '../../api/types';
import { Panel } from '../../parts/panel';
import { Seen } from '../../parts/quote';
import type { ContextPackage } from '../../trust/package';
import { flagWords } from '../../words/item';
import { Confidence } from './confidence';
import { isOpen } from './outcome-words';
import { Counterfactuals, Evidence, Features, Harms, NotSupplied, Rationale, Urgency } from './panels';
import { Similar } from './similar';
import { Provenance } from './provenance';
import { RouteTrace } from './route-trace';
import { Story } from './story';

/** Middle: why it stopped, how sure the machine is, and what to check it against. */
export function WhyPane({ live, content }: { live: Live; content: ContextPackage }): JSX.Element {
  const { metadata } = content;
  const told = new Set(metadata.stop_reasons.map(({ code }) => code));
  const untold = metadata.flags.filter((flag) => !told.has(flag));
  return (
    <section class="pane pane--why" aria-label="Why it stopped, and how sure the model is">
      <Panel title="Why it stopped here">
        <ul class="reasons">
          {metadata.stop_reasons.map(({ kind, code, text }) => (
            <li key={code} class="reason" data-kind={kind}>
              <Seen text={text} />
            </li>
          ))}
          {untold.map((flag) => (
            <li key={flag} class="reason" data-kind="policy">
              Marked: {flagWords(flag).toLowerCase()}.
            </li>
          ))}
        </ul>
        <RouteTrace metadata={metadata} routing={metadata.routing ?? live.routing ?? null} open={isOpen(live)} />
      </Panel>
      <Panel title="How sure the model was">
        <Confidence metadata={metadata} bands={live.confidence_bands} />
      </Panel>
      <Urgency metadata={metadata} />
      <Harms metadata={metadata} />
      <Rationale metadata={metadata} />
      <Evidence metadata={metadata} />
      <Features metadata={metadata} />
      <Counterfactuals metadata={metadata} />
      <Similar metadata={metadata} codes={live.reason_codes} />
      <Provenance content={content} />
      <NotSupplied metadata={metadata} />
      <Story live={live} />
    </section>
  );
}

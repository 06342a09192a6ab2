import type { JSX } from 'preact';
import { Panel } from '../../../parts/panel';
import { Quote, Seen } from '../../../parts/quote';
import type { Metadata } from '../../../trust/package';
import type { Json } from '../../../trust/strict-json';
import { HARM_WORDS } from '../../../words/item';

interface PanelProps {
  metadata: Metadata;
}

export function Urgency({ metadata }: PanelProps): JSX.Element | null {
  if (metadata.urgency === null) return null;
  return (
    <Panel title="Why it is urgent">
      <p>
        <Seen text={metadata.urgency} />
      </p>
      {metadata.sla_feasible != null && (
        <p>
          {metadata.sla_feasible
            ? 'It can still be done in time, as it stood when it was asked.'
            : 'It can no longer be done in time, as it stood when it was asked.'}
        </p>
      )}
    </Panel>
  );
}

/** What a wrong decision could do (R-CTX-11). */
export function Harms({ metadata }: PanelProps): JSX.Element | null {
  if (metadata.harms.length === 0) return null;
  return (
    <Panel title="What could go wrong">
      <ul class="lines">
        {metadata.harms.map(({ kind, text }, at) => (
          <li key={at}>
            <b>{HARM_WORDS[kind] ?? kind}</b>
            {text && (
              <>
                {': '}
                <Seen text={text} />
              </>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export function Rationale({ metadata }: PanelProps): JSX.Element | null {
  if (metadata.rationale === null) return null;
  return (
    <Panel title="The model’s reasons">
      <Quote text={metadata.rationale} />
    </Panel>
  );
}

export function Evidence({ metadata }: PanelProps): JSX.Element | null {
  if (metadata.evidence.length === 0) return null;
  return (
    <Panel title="Evidence">
      <ul class="lines">
        {metadata.evidence.map(({ title, text, url }, at) => (
          <li key={at}>
            <b>
              <Seen text={title} />
            </b>
            {text && <Quote text={text} />}
            {url && (
              <p class="address">
                <Seen text={url} />
              </p>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** What moved the prediction, and which way: bars to both sides, each with its signed number (R-CTX-12). */
export function Features({ metadata }: PanelProps): JSX.Element {
  const { features } = metadata;
  const most = Math.max(...features.map(({ weight }) => Math.abs(weight ?? 0)), Number.MIN_VALUE);
  return (
    <Panel title="What moved the model">
      <ul class="features">
        {features.map(({ name, value, weight }, at) => (
          <li key={at} class="feature">
            <span class="feature__name">
              <Seen text={name} />
              {value !== null && value !== undefined && (
                <span class="feature__value">
                  <Seen text={plainText(value)} />
                </span>
              )}
            </span>
            {weight !== null && weight !== undefined && <SignedBar weight={weight} share={weight / most} />}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function SignedBar({ weight, share }: { weight: number; share: number }): JSX.Element {
  const half = Math.abs(share) * 50;
  return (
    <>
      <svg class="feature__bar" width="100%" height="8" aria-hidden="true">
        <rect class="feature__track" width="100%" height="8" />
        <rect class="feature__fill" x={`${share < 0 ? 50 - half : 50}%`} width={`${half}%`} height="8" />
        <line class="feature__zero" x1="50%" x2="50%" y1="0" y2="8" />
      </svg>
      <span class="feature__weight">
        {weight > 0 ? '+' : weight < 0 ? '−' : ''}
        {Math.abs(weight)}
        <span class="unseen"> {weight < 0 ? 'against' : 'for'} this output</span>
      </span>
    </>
  );
}

function plainText(value: Json): string {
  return typeof value === 'object' && value !== null ? Object.values(value).map(plainText).join(', ') : String(value);
}

export function Counterfactuals({ metadata }: PanelProps): JSX.Element {
  return (
    <Panel title="What would have changed the answer">
      <ul class="lines">
        {metadata.counterfactuals.map((text, at) => (
          <li key={at}>
            <Seen text={text} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

/** That nothing was given is said, so that it is not read as "nothing to see" (R-CTX-13). */
export function NoneSupplied({ title }: { title: string }): JSX.Element {
  return (
    <div class="panel panel--none">
      <h2>{title}</h2>
      <p class="nothing">None supplied.</p>
    </div>
  );
}

export function NotSupplied({ metadata }: PanelProps): JSX.Element | null {
  const missing = [
    metadata.sources.length === 0 && 'sources',
    metadata.evidence.length === 0 && 'evidence',
    metadata.harms.length === 0 && 'possible harms',
  ].filter((name) => name !== false);
  if (missing.length === 0) return null;
  return <p class="not-supplied">Not supplied by the workflow: {missing.join(', ')}.</p>;
}

import type { JSX } from 'preact';
import { now_ms } from '../../../api/clock';
import { Panel } from '../../../parts/panel';
import { Seen } from '../../../parts/quote';
import type { ContextPackage } from '../../../trust/package';
import { dateWords, parseTime, spanWords, timeWords } from '../../../words/time';

/** Which model, which data, how fresh (R-CTX-08, R-CTX-09). */
export function Provenance({ content }: { content: ContextPackage }): JSX.Element {
  const { model, sources, requester, source, created_at } = content.metadata;
  const created_ms = Date.parse(created_at);
  const retrained_ms = parseTime(model.retrained_at);
  return (
    <Panel title="Where it comes from">
      <dl class="strip">
        <Entry name="Model">
          <Seen text={[model.name ?? 'not named', model.version ?? ''].join(' ').trim()} />
          {model.type !== null && (
            <>
              , <Seen text={model.type} />
            </>
          )}
        </Entry>
        <Entry name="Retrained">
          {retrained_ms === null
            ? 'not stated'
            : `${dateWords(retrained_ms)}, ${spanWords(created_ms - retrained_ms)
                .split(' ')
                .slice(0, 2)
                .join(' ')} before this case`}
        </Entry>
        <Entry name="Asked">{timeWords(created_ms, now_ms())}</Entry>
        {requester !== null && (
          <Entry name="For">
            <Seen text={requester} />
          </Entry>
        )}
        {sources.map((data, at) => (
          <Entry key={at} name={at === 0 ? 'Data used' : ''}>
            <Seen text={data.name} />
            <Freshness asOf={data.as_of ?? null} stale={data.stale === true} />
            {data.url && (
              <p class="address">
                <Seen text={data.url} />
              </p>
            )}
          </Entry>
        ))}
      </dl>
      <RunLink url={source.execution_url ?? null} />
    </Panel>
  );
}

function Entry({ name, children }: { name: string; children: preact.ComponentChildren }): JSX.Element {
  return (
    <div class="strip__row">
      <dt>{name === '' ? <span class="unseen">Data used</span> : name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Freshness({ asOf, stale }: { asOf: string | null; stale: boolean }): JSX.Element {
  const at_ms = parseTime(asOf);
  return (
    <span class="freshness" data-stale={stale}>
      {at_ms === null ? 'age unknown' : `as of ${timeWords(at_ms, now_ms())}`}
      {stale && <b> out of date</b>}
    </span>
  );
}

/** The way back to the run that asked; only web addresses become links. */
function RunLink({ url }: { url: string | null }): JSX.Element | null {
  if (url === null || !/^https?:\/\//i.test(url)) return null;
  return (
    <p>
      <a href={url} target="_blank" rel="noopener noreferrer">
        Open this run in the workflow editor
      </a>
    </p>
  );
}

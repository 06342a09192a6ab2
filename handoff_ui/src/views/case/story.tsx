import type { JSX } from 'preact';
import type { Live } from '../../api/types';
import { At } from '../../parts/deadline';
import { Seen } from '../../parts/quote';

/** Notes and history, folded: there when needed, out of the way when not. An answer is needed. */
export function Story({ live }: { live: Live }): JSX.Element {
  return (
    <div class="story">
      {live.notes.length > 0 && (
        <details open>
          <summary>Notes ({live.notes.length})</summary>
          <Entries entries={live.notes} />
        </details>
      )}
      <details open={live.history.some(({ type }) => type === 'handoff.answer')}>
        <summary>History ({live.history.length})</summary>
        <Entries entries={live.history} />
      </details>
    </div>
  );
}

function Entries({
  entries,
}: {
  entries: { at: string; text: string; by: { name: string | null } | null; to?: string | null }[];
}): JSX.Element {
  return (
    <ol class="entries">
      {entries.map(({ at, text, by, to }, place) => (
        <li key={place}>
          <span class="entries__who">
            <Seen text={by?.name ?? 'Handoff'} />
            {to && (
              <>
                {' to '}
                <Seen text={to} />
              </>
            )}
            , <At at={at} />
          </span>
          <Seen text={text} />
        </li>
      ))}
    </ol>
  );
}

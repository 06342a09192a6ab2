import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Live } from '../../../api/types';
import { useApp } from '../../../context';
import { At } from '../../../parts/deadline';
import { Seen } from '../../../parts/quote';
import { isOpen } from '../../../words/standing';

/** Notes and history, folded: there when needed, out of the way when not. An answer is needed, and so is a new note. */
export function Story({ live }: { live: Live }): JSX.Element {
  const me = useApp().session?.reviewer.id ?? null;
  const [open, setOpen] = useState(() => hasNews(live, me));
  const many = live.notes.length;
  const before = useRef(many);
  useLayoutEffect(() => {
    if (many > before.current) setOpen(true);
    before.current = many;
  }, [many]);
  return (
    <div class="story">
      {many > 0 && (
        <details open={open} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
          <summary>Notes ({many})</summary>
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

/** Whether others wrote something since this person last did anything to the case that still waits. */
function hasNews(live: Live, me: string | null): boolean {
  const deeds = live.history.filter(({ type }) => type !== 'handoff.acknowledged');
  const mine = [...deeds, ...live.notes].filter(({ by }) => by?.id === me).map(({ at }) => Date.parse(at));
  const last_ms = Math.max(0, ...mine);
  return isOpen(live) && live.notes.some(({ at, by }) => by?.id !== me && Date.parse(at) > last_ms);
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

import type { JSX } from 'preact';
import { now_ms } from '../../api/clock';
import type { Row } from '../../api/types';
import { useTold } from '../../hooks/use-now';
import { spanWords, timeWords } from '../../words/time';
import { leftWords, rowUrgency } from './due';

/** The only thing in a row that turns urgent. */
export function TimeLeft({ row }: { row: Row }): JSX.Element {
  const words = useTold((now) => leftWords(row, now));
  return (
    <time
      class="deadline"
      data-urgency={rowUrgency(row, now_ms())}
      dateTime={row.due_at ?? row.expires_at}
      title={titleOf(row)}
    >
      {words}
    </time>
  );
}

function titleOf({ due_at, expires_at }: Row): string {
  const closes = `Closes ${timeWords(Date.parse(expires_at), now_ms())}`;
  return due_at ? `Due ${timeWords(Date.parse(due_at), now_ms())}. ${closes}` : closes;
}

export function Age({ at }: { at: string }): JSX.Element {
  const words = useTold((now) => spanWords(now - Date.parse(at)));
  return (
    <time dateTime={at} title={timeWords(Date.parse(at), now_ms())}>
      {words}
    </time>
  );
}

export function DecidedAt({ at }: { at: string }): JSX.Element {
  return <time dateTime={at}>{useTold((now) => timeWords(Date.parse(at), now))}</time>;
}

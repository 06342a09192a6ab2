import type { JSX } from 'preact';
import { useNow } from '../hooks/use-now';
import { distanceWords, timeWords, urgencyOf } from '../words/time';

/** "by 14:30, in 2 h 10 min": a time and a distance. */
export function Deadline({ at }: { at: string }): JSX.Element {
  const now_ms = useNow();
  const due_ms = Date.parse(at);
  const urgency = urgencyOf(due_ms, now_ms);
  return (
    <time class="deadline" data-urgency={urgency} dateTime={at}>
      {urgency === 'over' ? 'was due ' : 'by '}
      {timeWords(due_ms, now_ms)}, {distanceWords(due_ms, now_ms)}
    </time>
  );
}

/** A time that does not move: "14:02". */
export function At({ at }: { at: string }): JSX.Element {
  const now_ms = useNow(60_000);
  return <time dateTime={at}>{timeWords(Date.parse(at), now_ms)}</time>;
}

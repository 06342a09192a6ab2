import type { JSX } from 'preact';
import { useNow } from '../hooks/use-now';
import { distanceWords, spanWords, timeWords, urgencyOf } from '../words/time';

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

/** "2 h 10 min": what is left, or how long ago. */
export function TimeLeft({ at }: { at: string }): JSX.Element {
  const now_ms = useNow();
  const due_ms = Date.parse(at);
  const urgency = urgencyOf(due_ms, now_ms);
  return (
    <time class="deadline" data-urgency={urgency} dateTime={at} title={timeWords(due_ms, now_ms)}>
      {urgency === 'over' ? 'time is over' : spanWords(due_ms - now_ms)}
    </time>
  );
}

export function Ago({ at }: { at: string }): JSX.Element {
  const now_ms = useNow(10_000);
  return (
    <time dateTime={at} title={timeWords(Date.parse(at), now_ms)}>
      {spanWords(now_ms - Date.parse(at))}
    </time>
  );
}

/** A time that does not move: "14:02". */
export function At({ at }: { at: string }): JSX.Element {
  const now_ms = useNow(60_000);
  return <time dateTime={at}>{timeWords(Date.parse(at), now_ms)}</time>;
}

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { now_ms } from '../api/clock';

/** The time, fresh every `every_ms`. */
export function useNow(every_ms = 1000): number {
  const [now, setNow] = useState(now_ms);
  useLayoutEffect(() => {
    const timer = setInterval(() => setNow(now_ms()), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return now;
}

const TELLERS = new Set<() => void>();
const TELL_MS = 1000;
let telling: ReturnType<typeof setInterval> | undefined;

/** What is told of the time, rendered anew only when the words change: two hundred rows share one clock. */
export function useTold(tell: (now_ms: number) => string): string {
  const [, setTold] = useState('');
  const latest = useRef(tell);
  latest.current = tell;
  useLayoutEffect(() => {
    const teller = (): void => setTold(latest.current(now_ms()));
    TELLERS.add(teller);
    telling ??= setInterval(() => {
      for (const each of TELLERS) each();
    }, TELL_MS);
    return () => {
      TELLERS.delete(teller);
      if (TELLERS.size > 0) return;
      clearInterval(telling);
      telling = undefined;
    };
  }, []);
  return tell(now_ms());
}

import { useEffect, useState } from 'preact/hooks';
import { now_ms } from '../api/clock';

/** The time, fresh every `every_ms`. */
export function useNow(every_ms = 1000): number {
  const [now, setNow] = useState(now_ms);
  useEffect(() => {
    const timer = setInterval(() => setNow(now_ms()), every_ms);
    return () => clearInterval(timer);
  }, [every_ms]);
  return now;
}

import { useLayoutEffect, useRef } from 'preact/hooks';

/**
 * Runs `visit` now, then `every_ms` after each end of it, and at once when the page is shown again or the network is
 * back. While the page is hidden it rests, or goes on every `hidden_ms`. `visit` says how long to wait, where that
 * differs from `every_ms`.
 */
export function usePolling(
  visit: () => Promise<number | undefined>,
  every_ms: number,
  key: string,
  hidden_ms?: number,
): void {
  const latest = useRef(visit);
  latest.current = visit;
  useLayoutEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let [running, woken, over] = [false, false, false];
    const run = async (): Promise<void> => {
      clearTimeout(timer);
      if (running || over || (document.hidden && hidden_ms === undefined)) return;
      [running, woken] = [true, false];
      const wait_ms = await latest.current();
      running = false;
      if (over) return;
      timer = setTimeout(() => void run(), woken ? 0 : document.hidden ? hidden_ms : (wait_ms ?? every_ms));
    };
    const wake = (): void => {
      // What was asked before the network came back hangs until its time is over, and then waits as after a failure.
      woken = running;
      void run();
    };
    document.addEventListener('visibilitychange', wake);
    window.addEventListener('online', wake);
    void run();
    return () => {
      over = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', wake);
      window.removeEventListener('online', wake);
    };
  }, [key, every_ms, hidden_ms]);
}

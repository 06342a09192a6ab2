/**
 * Buttons rest for half a second after the page changed under the hand (security row L10): a press that was meant for
 * what stood there before, or that another window lured, decides nothing.
 */
import { useEffect, useState } from 'preact/hooks';

export const SETTLE_MS = 500;

let armedAt_ms = performance.now() + SETTLE_MS;
let pointerAt_ms = -Infinity;
const listeners = new Set<() => void>();

/** Says that layout or focus just moved. */
export function disturb(): void {
  armedAt_ms = performance.now() + SETTLE_MS;
  for (const listener of listeners) listener();
}

export function isArmed(): boolean {
  return performance.now() >= armedAt_ms;
}

/** Moves the focus by script; the key that is still down must not press what it lands on. */
export function focusOn(element: HTMLElement | null): void {
  if (element === null || element === document.activeElement) return;
  element.focus({ preventScroll: false });
  disturb();
}

/** Whether guarded buttons take a press now. */
export function useArmed(): boolean {
  const [armed, setArmed] = useState(isArmed);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const update = (): void => {
      clearTimeout(timer);
      const left_ms = armedAt_ms - performance.now();
      setArmed(left_ms <= 0);
      if (left_ms > 0) timer = setTimeout(update, Math.ceil(left_ms));
    };
    listeners.add(update);
    update();
    return () => {
      clearTimeout(timer);
      listeners.delete(update);
    };
  }, []);
  return armed;
}

/** Watches for everything that moves things: called once, when the page starts. */
export function watchDisturbances(page: HTMLElement): void {
  window.addEventListener('focus', disturb);
  window.addEventListener('resize', disturb);
  document.addEventListener('visibilitychange', disturb);
  document.addEventListener('pointerdown', () => (pointerAt_ms = performance.now()), { capture: true });
  document.addEventListener('focusin', ({ target }) => {
    // Focus that a press brought is the press itself (a touch brings it late); by key or script it is a move.
    const byPointer = performance.now() - pointerAt_ms < 1000;
    if (!byPointer && target instanceof HTMLElement && target.dataset.guarded !== undefined) disturb();
  });
  new ResizeObserver(disturb).observe(page);
}

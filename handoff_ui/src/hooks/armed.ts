/**
 * Buttons rest for half a second after the page changed under the hand (security row L10): a press that was meant for
 * what stood there before, or that another window lured, decides nothing.
 */
import { useLayoutEffect, useState } from 'preact/hooks';

export const SETTLE_MS = 500;

/** How often it is looked whether a guarded button was moved by an image or a script; a press looks as well. */
const LOOK_MS = 250;
/** What a hand does not notice. */
const STILL_PX = 4;

let armedAt_ms = performance.now() + SETTLE_MS;
let pointerAt_ms = -Infinity;
let places = new WeakMap<Element, Place>();
const listeners = new Set<() => void>();

/** Where a button is in the window, and where on the page: scrolling changes one of them, a new layout both. */
interface Place {
  inWindow: [x: number, y: number];
  onPage: [x: number, y: number];
}

/** Says that layout or focus just moved. */
export function disturb(): void {
  armedAt_ms = performance.now() + SETTLE_MS;
  for (const listener of listeners) listener();
}

export function isArmed(): boolean {
  lookWhetherMoved();
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
  const [armed, setArmed] = useState(() => performance.now() >= armedAt_ms);
  useLayoutEffect(() => {
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
  // In the frame that shows it: until a button says that it rests, a hand takes it for ready.
  let looks = false;
  new MutationObserver(() => {
    if (looks) return;
    looks = true;
    requestAnimationFrame(() => {
      looks = false;
      lookWhetherMoved();
    });
  }).observe(page, { subtree: true, childList: true, characterData: true, attributes: true });
  setInterval(() => document.hidden || lookWhetherMoved(), LOOK_MS);
}

/** A note that comes in above moves a button without changing the size of the page. */
function lookWhetherMoved(): void {
  const before = places;
  places = new WeakMap();
  let moved = false;
  for (const button of document.querySelectorAll('[data-guarded]')) {
    const { x, y } = button.getBoundingClientRect();
    const now: Place = { inWindow: [x, y], onPage: [x + window.scrollX, y + window.scrollY] };
    const was = before.get(button);
    places.set(button, now);
    // One that was not there before may stand where another stood.
    if (was === undefined || (isFar(was.inWindow, now.inWindow) && isFar(was.onPage, now.onPage))) moved = true;
  }
  if (moved) disturb();
}

function isFar(from: [x: number, y: number], to: [x: number, y: number]): boolean {
  return Math.hypot(to[0] - from[0], to[1] - from[1]) > STILL_PX;
}

/** State of an open case that outlives a sign-in which leaves the page: see trust/kept-draft.ts for why, and how long. */
import type { Dispatch, StateUpdater } from 'preact/hooks';
import { useEffect, useState } from 'preact/hooks';
import { now_ms } from '../api/clock';
import { keepDraft, takeDraft, type DraftOf } from '../trust/kept-draft';

/** One case is open at a time, and its forms come and go: this is what they hold now, and what is to come back. */
const current = new Map<string, unknown>();
const restored = new Map<string, unknown>();
let open: DraftOf | null = null;

/**
 * Brings back what was typed for this case before a sign-in, once, and lets it be kept at the next one. Runs before the
 * fields of the case are made. Returns whether something came back. `of` null: nothing is kept.
 */
export function useDraftsOf(of: DraftOf | null): boolean {
  const [isBack] = useState(() => {
    const values = of === null ? [] : takeDraft(window.sessionStorage, of, now_ms());
    restored.clear();
    for (const [name, value] of values) restored.set(name, value);
    return restored.size > 0;
  });
  useEffect(() => {
    open = of;
  });
  useEffect(
    () => () => {
      open = null;
      restored.clear();
    },
    [],
  );
  return isBack;
}

/** What came back under this name; nothing the second time. */
export function takeRestored<T>(name: string): T | undefined {
  const value = restored.get(name) as T | undefined;
  restored.delete(name);
  return value;
}

/** Makes `value`, which must be JSON, part of what is kept; null is not. */
export function useCurrent(name: string, value: unknown): void {
  useEffect(() => {
    if (value !== null) current.set(name, value);
    return () => void current.delete(name);
  }, [name, value]);
}

/** `useState` for what a person types. `initial` is the same object each time, so that it is known as nothing typed. */
export function useKept<T>(name: string, initial: T): [T, Dispatch<StateUpdater<T>>] {
  const [state, set] = useState<T>(() => takeRestored<T>(name) ?? initial);
  useCurrent(name, state === initial ? null : state);
  return [state, set];
}

/** To be called right before the page is left for the sign-in, and never else. */
export function keepDrafts(): void {
  if (open !== null && current.size > 0) keepDraft(window.sessionStorage, open, [...current], now_ms());
}

/**
 * State of an open case that outlives its view: over a sign-in that leaves the page (trust/kept-draft.ts says why, and
 * how long), and over a look elsewhere.
 */
import type { Dispatch, StateUpdater } from 'preact/hooks';
import { useLayoutEffect, useState } from 'preact/hooks';
import { now_ms } from '../api/clock';
import { keepDraft, takeDraft, type DraftOf } from '../trust/kept-draft';

/** One case is open at a time, and its forms come and go: this is what they hold now, and what is to come back. */
const current = new Map<string, unknown>();
const restored = new Map<string, unknown>();
let open: DraftOf | null = null;

/** By the names of the fields and forms. */
export type Values = [name: string, value: unknown][];

/** What was typed for cases that were left, by case and content: in the memory of this page only, for one person. */
const left = new Map<string, Values>();
let leftBy: string | null = null;

/**
 * Brings back what was typed for this case before a sign-in or before it was left, once, and lets it be kept at the next
 * one. Runs before the fields of the case are made. Returns what came back. `of` null: nothing is kept.
 */
export function useDraftsOf(of: DraftOf | null): 'signed_in' | 'left' | null {
  const [back] = useState((): 'signed_in' | 'left' | null => {
    const kept = of === null ? [] : takeDraft(window.sessionStorage, of, now_ms());
    const values = kept.length > 0 ? kept : takeLeft(of);
    restored.clear();
    for (const [name, value] of values) restored.set(name, value);
    return values.length === 0 ? null : kept.length > 0 ? 'signed_in' : 'left';
  });
  useLayoutEffect(() => {
    open = of;
  });
  useWarned(isTyped);
  useLayoutEffect(
    () => () => {
      // Before the fields go, which are the next to be told so: theirs is the next word in `current`.
      if (open !== null && isTyped()) left.set(keyOf(open), [...current]);
      open = null;
      restored.clear();
    },
    [],
  );
  return back;
}

function takeLeft(of: DraftOf | null): Values {
  if (of === null) return [];
  // Somebody else may use the tab next.
  if (leftBy !== of.reviewerId) left.clear();
  leftBy = of.reviewerId;
  const values = left.get(keyOf(of)) ?? [];
  left.delete(keyOf(of));
  return values;
}

const keyOf = ({ caseId, content }: DraftOf): string => `${caseId} ${content}`;

/** What is typed now, and not sent. That a form is open is no text. */
export const typedNow = (): Values => [...current].filter(([name]) => name !== 'form');

const isTyped = (): boolean => typedNow().length > 0;

let leaves = false;

/** Lets the browser ask before the page is left while `isLost`; nothing is stored for it. */
export function useWarned(isLost: () => boolean): void {
  useLayoutEffect(() => {
    const ask = (event: BeforeUnloadEvent): void => {
      if (!leaves && isLost()) event.preventDefault();
    };
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);
}

/** What came back under this name; nothing the second time. */
export function takeRestored<T>(name: string): T | undefined {
  const value = restored.get(name) as T | undefined;
  restored.delete(name);
  return value;
}

/** Makes `value`, which must be JSON, part of what is kept; null is not. */
export function useCurrent(name: string, value: unknown): void {
  // Not after the next paint: whoever leaves before that would lose the last letters.
  useLayoutEffect(() => {
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
  leaves = true;
  if (open !== null && current.size > 0) keepDraft(window.sessionStorage, open, [...current], now_ms());
}

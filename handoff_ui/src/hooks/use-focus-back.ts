import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { focusOn } from './armed';

/** When a form inside of it closes, the focus goes back to where the form was opened from. */
export function useFocusBack<T extends HTMLElement>(open: boolean): RefObject<T | null> {
  const box = useRef<T>(null);
  const was = useRef(open);
  useLayoutEffect(() => {
    if (was.current && !open) {
      const first = (what: string): HTMLElement | null => box.current?.querySelector<HTMLElement>(what) ?? null;
      focusOn(first('[data-guarded]') ?? first('button:not(:disabled)') ?? first('a'));
    }
    was.current = open;
  }, [open]);
  return box;
}

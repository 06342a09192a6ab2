import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { focusOn } from './armed';

/** The focus is never lost: when what held it goes away, it goes to the headline of `view`. */
export function useKeptFocus(view: RefObject<HTMLElement | null>): void {
  const held = useRef<Element | null>(null);
  useLayoutEffect(() => {
    // On the document: the view itself may come later than this hook.
    const note = ({ target }: FocusEvent): void => {
      if (view.current?.contains(target as Node)) held.current = target as Element;
    };
    // Leaving by a press elsewhere is the person's own choice. What is being taken away is told apart a moment later:
    // browsers differ in whether it is still there when it loses the focus.
    const leave = ({ target }: FocusEvent): void =>
      queueMicrotask(() => {
        if ((target as Element).isConnected && held.current === target) held.current = null;
      });
    document.addEventListener('focusin', note);
    document.addEventListener('focusout', leave);
    return () => {
      document.removeEventListener('focusin', note);
      document.removeEventListener('focusout', leave);
    };
  }, [view]);
  useLayoutEffect(() => {
    if (held.current !== null && !held.current.isConnected && document.activeElement === document.body) {
      held.current = null;
      focusOn(view.current?.querySelector('h1') ?? null);
    }
  });
}

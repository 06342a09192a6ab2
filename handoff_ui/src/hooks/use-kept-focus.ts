import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { focusOn } from './armed';

/** The focus is never lost: when what held it goes away, it goes to the headline of `view`. */
export function useKeptFocus(view: RefObject<HTMLElement | null>): void {
  const held = useRef<Element | null>(null);
  useEffect(() => {
    const note = ({ target }: FocusEvent): void => void (held.current = target as Element);
    // Leaving by a press elsewhere is the person's own choice.
    const leave = ({ target }: FocusEvent): void => {
      if ((target as Element).isConnected) held.current = null;
    };
    const element = view.current;
    element?.addEventListener('focusin', note);
    element?.addEventListener('focusout', leave);
    return () => {
      element?.removeEventListener('focusin', note);
      element?.removeEventListener('focusout', leave);
    };
  }, [view]);
  useEffect(() => {
    if (held.current !== null && !held.current.isConnected && document.activeElement === document.body) {
      held.current = null;
      focusOn(view.current?.querySelector('h1') ?? null);
    }
  });
}

import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { focusOn } from '../../hooks/armed';
import { moveFocus } from '../../hooks/move-focus';
import { useShortcuts } from '../../hooks/use-shortcuts';
import { batchAddress } from '../../route';

/** Keys of the inbox: j and k walk, b decides cases like the focused one together, / searches. */
export function useWalk(view: RefObject<HTMLElement | null>, isThere: boolean): void {
  const find = <T extends HTMLElement>(what: string): T | null => view.current?.querySelector<T>(what) ?? null;
  useShortcuts({
    j: () => moveFocus(view.current, 1),
    k: () => moveFocus(view.current, -1),
    b: () => {
      const id = find('.row:focus-within')?.dataset.id;
      if (id !== undefined) window.location.hash = batchAddress(id);
    },
    '/': () => find('[type=search]')?.focus(),
  });
  useLayoutEffect(() => {
    // Whoever comes back from a case is here, and not at the top of the document.
    if (isThere && document.activeElement === document.body) focusOn(view.current?.querySelector('h1') ?? null);
  }, [view, isThere]);
}

import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

/** Tells the styles, as `--above`, how much stands over the panes: the buttons must stay on the screen all the same. */
export function useRoomAbove(view: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => {
    const element = view.current;
    const panes = element?.querySelector<HTMLElement>('.panes');
    if (!element || !panes) return;
    const measure = (): void => element.style.setProperty('--above', `${panes.offsetTop - element.offsetTop}px`);
    const observer = new ResizeObserver(measure);
    for (const above of element.querySelectorAll('.head, .banners')) observer.observe(above);
    measure();
    return () => observer.disconnect();
  }, [view]);
}

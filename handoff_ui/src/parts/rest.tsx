import type { JSX } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { isArmed } from '../hooks/armed';

/** Long enough to read it; then the page is at rest, and the sentence is about nothing any more. */
const READ_MS = 4_000;

/**
 * Whether the page is at rest, asked at a press; one that came too early is answered, never lost in silence (L10).
 * `off`: the button takes no press at all now, and does not ask for another.
 */
export function useRest(off: boolean): { atRest: () => boolean; early: boolean; note: JSX.Element | null } {
  const [early, setEarly] = useState(false);
  useLayoutEffect(() => setEarly(false), [off]);
  useLayoutEffect(() => {
    if (!early) return undefined;
    const timer = setTimeout(() => setEarly(false), READ_MS);
    return () => clearTimeout(timer);
  }, [early]);
  const atRest = (): boolean => {
    const armed = isArmed();
    setEarly(!armed);
    return armed;
  };
  const note = early ? (
    <span class="early" role="status">
      The page had just changed. Press again.
    </span>
  ) : null;
  return { atRest, early, note };
}

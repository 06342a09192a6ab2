import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { isArmed } from '../hooks/armed';

export const EARLY = 'The page had just changed.';

/** Whether the page is at rest, asked at a press; one that came too early is answered, never lost in silence (L10). */
export function useRest(): { atRest: () => boolean; early: boolean; note: JSX.Element | null } {
  const [early, setEarly] = useState(false);
  const atRest = (): boolean => {
    const armed = isArmed();
    setEarly(!armed);
    return armed;
  };
  const note = early ? (
    <span class="early" role="status">
      {EARLY} Press again.
    </span>
  ) : null;
  return { atRest, early, note };
}

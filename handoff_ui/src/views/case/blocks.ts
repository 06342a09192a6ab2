/** Why something cannot be done right now, in words; null when it can. The companion checks all of it again. */
import type { FormKind } from './form-words';

export interface Facts {
  sessionEnded: boolean;
  /** The screen shows another package than the companion has. */
  stale: boolean;
  /** A part of the item failed its hash check. */
  mismatch: boolean;
  /** A part of the item could not be loaded. */
  missing: boolean;
  /** A part of the item is on its way. */
  loading: boolean;
  /** Something is hidden in the text, and nobody said yet that they saw it. */
  unacknowledged: boolean;
  /** Fields of the edit that hold no value. */
  faults: number;
  changed: boolean;
}

/** Said on the button itself, because it is over in a moment and must not move anything. */
export const LOADING = 'Loading…';

/** Whether an act may be begun: an edit may be begun before anything is changed or acknowledged. */
export function whyNotBegin(kind: FormKind, facts: Facts): string | null {
  if (facts.sessionEnded) return 'Sign in again to go on.';
  if (facts.stale) return 'Look at the new version first.';
  if (kind !== 'approve' && kind !== 'modify') return null;
  if (facts.mismatch) return 'A part of this case is not what was signed.';
  if (facts.missing) return 'A part of this case could not be loaded.';
  if (facts.loading) return LOADING;
  return kind === 'approve' ? unacknowledged(facts) : null;
}

export function whyNotSend(kind: FormKind, facts: Facts): string | null {
  const begin = whyNotBegin(kind, facts);
  if (begin !== null || kind !== 'modify') return begin;
  if (facts.faults > 0) return 'One field holds something that is not a number.';
  if (!facts.changed) return 'Nothing is changed yet.';
  return unacknowledged(facts);
}

function unacknowledged({ unacknowledged }: Facts): string | null {
  return unacknowledged ? 'Confirm first that you saw what is hidden in the text.' : null;
}

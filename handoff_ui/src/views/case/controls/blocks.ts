/** Why something cannot be done right now, in words; null when it can. The companion checks all of it again. */
import { spelled } from '../../../content/reading';
import type { FormKind } from '../acts/form-words';

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
  /** Titles of the checks that failed. */
  failed: string[];
  /** That a check failed before, and that the case was sent up for it. */
  sentFor: string | null;
  /** How many checks nobody answered. */
  unanswered: number;
  /** The check that was passed and whose evidence is not named yet. */
  unshown: string | null;
  /** The gate that somebody else has to answer first. */
  waitsFor: string | null;
  /** What is to be done in the form of the workflow, as sentences; null until it was filled from the item. */
  formFaults: string[] | null;
  /** Why policy does not let the edit pass. */
  editRefused: string | null;
  editUnchecked: boolean;
  /** The whole package is on the screen, with what an edit of this person must not carry. */
  disclosed: boolean;
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
  if (kind === 'modify')
    return facts.disclosed ? 'Load the page again to edit: you see more than an edit may hold.' : null;
  return unchecked(facts) ?? unfilled(facts) ?? unacknowledged(facts);
}

export function whyNotSend(kind: FormKind, facts: Facts): string | null {
  const begin = whyNotBegin(kind, facts);
  if (begin !== null) return begin;
  if (kind === 'verify') return facts.failed.length === 0 ? 'No check failed.' : whyUnshown(facts.unshown);
  if (kind !== 'modify') return null;
  if (facts.faults > 0) return 'One field holds something that is not a number.';
  if (!facts.changed) return 'Nothing is changed yet.';
  if (facts.editRefused !== null) return 'The rules do not let this edit pass.';
  if (facts.editUnchecked) return 'The edit is being checked against the rules…';
  return uncheckedEdit(facts) ?? unchecked(facts) ?? unfilled(facts) ?? unacknowledged(facts);
}

/** What was checked before was not checked of the edit, so whoever edits answers every check of it. */
function uncheckedEdit({ failed, waitsFor }: Facts): string | null {
  if (failed.length > 0) return 'A check failed on your version: change it, or stop editing.';
  return waitsFor !== null
    ? `An edit has to pass “${spelled(waitsFor)}” too, and that is somebody else’s to answer.`
    : null;
}

/** An approval waits until every check of this review has an answer, and none failed (R-UI-19). */
function unchecked({ failed, sentFor, unanswered, unshown, waitsFor }: Facts): string | null {
  if (failed.length > 0) return sentFor ?? 'A check failed, so this can only go back.';
  if (waitsFor !== null) return `Somebody else has to answer “${spelled(waitsFor)}” first.`;
  return unanswered > 0 ? `Answer each check first: ${unanswered} open.` : whyUnshown(unshown);
}

export function whyUnshown(title: string | null): string | null {
  return title === null ? null : `Name the evidence for “${spelled(title)}” first.`;
}

function unfilled({ formFaults }: Facts): string | null {
  if (formFaults === null) return LOADING;
  return formFaults.length > 0 ? formFaults.join(' ') : null;
}

function unacknowledged({ unacknowledged }: Facts): string | null {
  return unacknowledged ? 'Confirm first that you saw what is hidden in the text.' : null;
}

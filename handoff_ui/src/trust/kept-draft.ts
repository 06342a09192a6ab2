/**
 * What somebody typed and did not send, kept in this tab over a sign-in that leaves the page (decision 0014).
 *
 * Why: a session may end in mid-case, and where signing in is another page's business everything typed was lost with
 * this one.
 *
 * Threat: what was typed may name customers, and somebody else may use the tab next. So it is written only at the moment
 * of leaving for the sign-in, into the storage of this tab, which ends with it and is never sent. It is bound to the
 * person, the case and the content that they read. Whatever opens a case erases it, whether it fits or not; so do the
 * sign-in of anybody else, signing out, and 15 minutes. It carries no right: what comes back is text in fields, to be
 * read and sent with a press of its own; what was acknowledged, confirmed or disclosed is asked again.
 *
 * What is left: for as long as the trip takes, whoever holds the unlocked device can read it in the tools of the
 * browser, and so could a script of this origin, which the CSP keeps out.
 */

const KEY = 'handoff_draft';
const LIFE_MS = 15 * 60_000;

/** What a draft belongs to. */
export interface DraftOf {
  reviewerId: string;
  caseId: string;
  /** The digests of what was on the screen: another content is another thing to decide. */
  content: string;
}

interface Kept extends DraftOf {
  at_ms: number;
  /** By the names of the fields and forms. */
  values: [name: string, value: unknown][];
}

/** Writes a draft; where the browser has no room for it, it is lost as if it had not been kept. */
export function keepDraft(storage: Storage, of: DraftOf, values: Kept['values'], now_ms: number): void {
  const kept: Kept = { ...of, at_ms: now_ms, values };
  try {
    storage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // A part of a draft would be worse than none.
    storage.removeItem(KEY);
  }
}

/** The draft that fits, or nothing. It is erased in either case. */
export function takeDraft(storage: Storage, of: DraftOf, now_ms: number): Kept['values'] {
  const kept = find(storage);
  eraseDraft(storage);
  const fits = kept !== null && kept.caseId === of.caseId && kept.content === of.content;
  return fits && mayStay(kept, of.reviewerId, now_ms) ? kept.values : [];
}

/** Erases a draft that is too old, or of somebody else than who is signed in now. */
export function sweepDraft(storage: Storage, reviewerId: string, now_ms: number): void {
  const kept = find(storage);
  if (kept !== null && !mayStay(kept, reviewerId, now_ms)) eraseDraft(storage);
}

export function eraseDraft(storage: Storage): void {
  storage.removeItem(KEY);
}

function mayStay(kept: Kept, reviewerId: string, now_ms: number): boolean {
  const age_ms = now_ms - kept.at_ms;
  // From the future: the clock was set back, and the age is not known.
  return kept.reviewerId === reviewerId && age_ms >= 0 && age_ms < LIFE_MS;
}

function find(storage: Storage): Kept | null {
  const text = storage.getItem(KEY);
  return text === null ? null : (JSON.parse(text) as Kept);
}

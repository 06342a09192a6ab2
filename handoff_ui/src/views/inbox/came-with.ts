import type { Filters } from '../../route';

const STORED_AS = 'handoff.inbox';

let noted: Filters | null = null;

/** Notes which view of the inbox a person works through; a tab keeps it over a reload. */
export function noteView(view: Filters): void {
  const filters = { ...view, state: undefined };
  noted = filters;
  try {
    sessionStorage.setItem(STORED_AS, JSON.stringify(filters));
  } catch {
    // Storage is blocked in this browser: kept until the page is loaded again.
  }
}

/** The view of the inbox that a case was opened from: "next" stays within it, and "inbox" leads back to it. */
export function cameWith(): Filters {
  if (noted === null) {
    try {
      noted = JSON.parse(sessionStorage.getItem(STORED_AS) ?? '{}') as Filters;
    } catch {
      noted = {};
    }
  }
  return noted;
}

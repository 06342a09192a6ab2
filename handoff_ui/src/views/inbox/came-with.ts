import { focusOn } from '../../hooks/armed';
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

/** How far the page was scrolled when a case was opened from a list, its id, and that of the case below it. */
let place: (string | number | undefined)[] | null = null;

/** Notes from which row of a list a case was opened. */
export function notePlace({ target }: Event): void {
  const row = (target as Element).closest<HTMLElement>('.row');
  place = row && [window.scrollY, row.dataset.id, (row.nextElementSibling as HTMLElement | null)?.dataset.id];
}

/** Goes back to that row, or to the one that took its place; once. */
export function backToPlace(list: Element | null): void {
  const [top, ...ids] = place ?? [];
  place = null;
  for (const id of ids) {
    const link = list?.querySelector<HTMLElement>(`[data-id="${id}"] .row__link`);
    if (!link) continue;
    focusOn(link);
    return window.scrollTo(0, top as number);
  }
}

import type { ListedRow, Listing } from '../../api/desk-types';

/** What stands on the screen, and what of the newest answer does not yet. */
export interface Shown {
  /** The view that was asked for. */
  address: string;
  newest: Listing;
  /** Rows of later pages, as they were when they were asked for. */
  more: ListedRow[];
  /** Where the next page begins; null at the end. */
  cursor: string | null;
  rows: ListedRow[];
  /** Of the rows: those that wait no more. */
  gone: ReadonlySet<string>;
  /** Cases that came while the list was held still. */
  fresh: readonly string[];
}

const NONE: ReadonlySet<string> = new Set();

/**
 * The newest answer beside what is shown. While somebody's hand is on the list, no row moves: what came is counted, what
 * went is marked, and everything else is brought up to date in its place.
 */
export function arrive(before: Shown | null, address: string, newest: Listing, held: boolean): Shown {
  const isOther = before?.address !== address;
  const more = isOther ? [] : before.more;
  const cursor = isOther || more.length === 0 ? newest.cursor : before.cursor;
  const base = { address, newest, more, cursor };
  if (isOther || !held || before.rows.length === 0) {
    return { ...base, rows: withMore(newest.items, more), gone: NONE, fresh: [] };
  }
  const current = new Map(newest.items.map((row) => [row.id, row]));
  const known = new Set(before.rows.map(({ id }) => id));
  const fresh = newest.items.filter(({ id }) => !known.has(id)).map(({ id }) => id);
  const rows = before.rows.map((row) => current.get(row.id) ?? row);
  // Where there are more pages, what is not on the first may stand on another.
  const isWhole = newest.cursor === null;
  const gone = new Set(isWhole ? rows.filter(({ id }) => !current.has(id)).map(({ id }) => id) : []);
  return { ...base, rows, gone, fresh };
}

/** The list as it is now, once no hand is on it any more; the same object when every row stands where it belongs. */
export function settle(before: Shown): Shown {
  const after = arrive(before, before.address, before.newest, false);
  const isSame =
    after.rows.length === before.rows.length && after.rows.every(({ id }, at) => id === before.rows[at]?.id);
  return isSame ? before : after;
}

/** A further page, below what is shown. */
export function append(before: Shown, page: Listing): Shown {
  const more = [...before.more, ...page.items];
  return { ...before, more, cursor: page.cursor, rows: withMore(before.rows, page.items) };
}

function withMore(rows: ListedRow[], more: ListedRow[]): ListedRow[] {
  const known = new Set(rows.map(({ id }) => id));
  return [...rows, ...more.filter(({ id }) => !known.has(id))];
}

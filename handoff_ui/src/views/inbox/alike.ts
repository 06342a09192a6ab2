import type { ListedRow } from '../../api/desk-types';

/** Whether a case can be taken together with others by `me`; the companion says the last word on it. */
export function isBatchable(row: ListedRow, me: string | undefined): boolean {
  const isFree = row.claim === null || row.claim.by.id === me;
  return row.may_batch === true && isFree && (row.state === 'pending' || row.state === 'claimed');
}

/** The first row of each kind that others in the list are like → how many there are of it. */
export function alikeIn(rows: ListedRow[], me: string | undefined): Map<string, number> {
  const kinds = new Map<string, string[]>();
  for (const row of rows) {
    if (!isBatchable(row, me)) continue;
    const kind = JSON.stringify([row.workflow_id, row.queue, row.route]);
    kinds.set(kind, [...(kinds.get(kind) ?? []), row.id]);
  }
  return new Map([...kinds.values()].flatMap((ids) => (ids.length > 1 && ids[0] ? [[ids[0], ids.length]] : [])));
}

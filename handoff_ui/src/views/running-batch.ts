import { now_ms } from '../api/clock';

/** Cases that were taken in this tab to be decided together, and what was chosen of them so far. */
export interface RunningBatch {
  id: string;
  until: string;
  ids: string[];
  choices: [id: string, included: boolean][];
}

const STORED_AS = 'handoff.batch';

/** Notes the batch that is being decided, so that it is found again; null once it is over. */
export function noteBatch(batch: RunningBatch | null): void {
  try {
    if (batch === null) sessionStorage.removeItem(STORED_AS);
    else sessionStorage.setItem(STORED_AS, JSON.stringify(batch));
  } catch {
    // Storage is blocked in this browser: the batch is found by its address only.
  }
}

/** The batch that this tab still holds. */
export function heldBatch(): RunningBatch | null {
  try {
    const batch = JSON.parse(sessionStorage.getItem(STORED_AS) ?? 'null') as RunningBatch | null;
    return batch !== null && Date.parse(batch.until) > now_ms() ? batch : null;
  } catch {
    return null;
  }
}

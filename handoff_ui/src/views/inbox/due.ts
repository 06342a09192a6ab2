import type { Row } from '../../api/types';
import { spanWords, urgencyOf, type Urgency } from '../../words/time';

/** What the clock of a row runs to: somebody should have decided by then, or the case closes by itself. */
function dueOf(row: Row): number {
  const closes_ms = Date.parse(row.expires_at);
  const due = (row.state === 'awaiting_second_review' ? row.second_due_at : null) ?? row.due_at;
  // While a question is open, only the end of the case itself comes nearer.
  return due && row.state !== 'awaiting_information' ? Math.min(Date.parse(due), closes_ms) : closes_ms;
}

/** "2 h 10 min", "12 min late": what is left until somebody should have decided. */
export function leftWords(row: Row, now_ms: number): string {
  const due_ms = dueOf(row);
  if (now_ms < due_ms) return spanWords(due_ms - now_ms);
  return now_ms < Date.parse(row.expires_at) ? `${spanWords(now_ms - due_ms)} late` : 'time is over';
}

export function rowUrgency(row: Row, now_ms: number): Urgency {
  return urgencyOf(dueOf(row), now_ms);
}

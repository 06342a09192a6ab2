import type { Row } from '../../api/types';
import type { InboxState } from '../../route';

const RISK_ORDER = { critical: 0, high: 1, medium: 2, low: 3 };

/** Open cases by what is at stake, then by time left; decided ones newest first. */
export function inOrder(rows: Row[], state: InboxState): Row[] {
  return [...rows].sort((left, right) =>
    state === 'decided'
      ? Date.parse(right.decided_at ?? right.created_at) - Date.parse(left.decided_at ?? left.created_at)
      : RISK_ORDER[left.risk_tier] - RISK_ORDER[right.risk_tier] ||
        Date.parse(left.expires_at) - Date.parse(right.expires_at) ||
        left.id.localeCompare(right.id),
  );
}

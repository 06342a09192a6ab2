/** What the companion says about lists of cases, and about cases that are decided together. Times are ISO 8601. */
import type { Inbox, Row } from './types';

/** A row of the inbox, which also says whether such a case may be decided together with others. */
export interface ListedRow extends Row {
  may_batch?: boolean;
  /** Whether this person may take it now and do a part of it. */
  may_act?: boolean;
}

/** What waits, by which a list can be narrowed. */
export interface Facets {
  workflows: string[];
  queues: { id: string; title: string }[];
  issues: string[];
}

export interface Listing extends Inbox {
  items: ListedRow[];
  /** False where more wait than were counted. */
  waiting_exact?: boolean;
  facets?: Facets;
}

export interface BatchResult {
  id: string;
  status: 'done' | 'refused';
  code: string | null;
  detail: string | null;
  event_id: string | null;
}

/** Cases that one person took to decide them together. */
export interface Batch {
  id: string;
  workflow_id: string;
  queue: string | null;
  /** Until when they are held for this person. */
  until: string;
  actions: ('approve' | 'reject')[];
  needs_reason: ('approve' | 'reject')[];
  reason_codes: { code: string; label: string }[];
  items: (Row & { result: BatchResult | null })[];
  /** Those that are not like the rest, and why. */
  outliers: { id: string; why: string[] }[];
  left_out: { id: string; why: string }[];
}

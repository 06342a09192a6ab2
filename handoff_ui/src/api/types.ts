/** What the companion says over HTTP. Times are ISO 8601. */
import type { Json } from '../trust/strict-json';
import type { Routing } from './policy-types';

export type State =
  | 'pending'
  | 'claimed'
  | 'awaiting_information'
  | 'awaiting_second_review'
  | 'approved'
  | 'modified'
  | 'rejected'
  | 'expired'
  | 'withdrawn'
  | 'stopped'
  | 'rolled_back';

export interface Person {
  id: string;
  name: string | null;
}

export interface Decision {
  action: 'approve' | 'reject' | 'modify' | null;
  decision_action: 'accept' | 'reject' | 'modify' | null;
  reason_code: string | null;
  rationale: string | null;
  event_id: string;
  edited: boolean;
  cause: 'expired' | 'withdrawn' | 'stopped' | null;
}

/** A row of the inbox. */
export interface Row {
  id: string;
  group_id: string;
  /** How many were asked about together, and which of them this is, from 0. */
  group: { size: number; index: number };
  workflow_id: string;
  task_id: string | null;
  title: string;
  question: string;
  state: State;
  approved: boolean | null;
  version: number;
  package_digest: string;
  risk_tier: 'low' | 'medium' | 'high' | 'critical';
  confidence: number | null;
  reviewer_level: number;
  created_at: string;
  expires_at: string;
  decided_at: string | null;
  decided_by: Person | null;
  decision: Decision | null;
  claim: { by: Person; until: string } | null;
  first_approval?: { by: Person; at: string } | null;
  question_open?: string | null;
  impact?: string | null;
  stop_reasons?: { kind: string; code: string; text: string }[];
}

export type DeliveryStatus = 'pending' | 'retrying' | 'delivered' | 'uncertain' | 'failed' | 'superseded' | 'held';

export interface Delivery {
  id: string;
  status: DeliveryStatus;
  cause: string | null;
  attempts: number;
  last_attempt_at: string | null;
}

export type ActionName = 'approve' | 'reject' | 'modify' | 'escalate' | 'ask' | 'roll_back';

export interface OfferedAction {
  action: ActionName;
  label: string;
  /** A button of its own; the others are folded. */
  primary: boolean;
  needs_reason: boolean;
  allowed: boolean;
  why_not: string | null;
}

export interface Note {
  at: string;
  by: Person | null;
  text: string;
}

/** One handoff as it stands, for this caller. */
export interface Live extends Row {
  delivery: Delivery | null;
  actions: OfferedAction[];
  reason_codes: { code: string; label: string }[];
  assurance: { have: Assurance; need: Assurance };
  confirm_word: string | null;
  notes: Note[];
  history: { at: string; type: string; text: string; by: Person | null }[];
  output?: Json;
  routing?: Routing | null;
}

export type Assurance = 'none' | 'link' | 'signed_in' | 'step_up';

export interface Inbox {
  items: Row[];
  cursor: string | null;
  waiting: number;
  decided_today: number;
}

export interface Session {
  reviewer: { id: string; name: string; email: string | null; roles: string[]; workflows: string[] | null };
  assurance: Assurance;
  expires_at: string | null;
}

/** RFC 9457, with our `code` and, where it helps, the handoff as it stands now. */
export interface Problem {
  code: string;
  status: number;
  detail: string;
  field?: string;
  current?: Live;
  /** Everything that is wrong with a policy. */
  problems?: { pointer: string; sentence: string }[];
}

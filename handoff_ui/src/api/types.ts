/** What the companion says over HTTP. Times are ISO 8601. */
import type { Json } from '../trust/strict-json';
import type { Person } from './person';
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

export interface Decision {
  action: 'approve' | 'reject' | 'modify' | null;
  decision_action: 'accept' | 'reject' | 'modify' | null;
  reason_code: string | null;
  rationale: string | null;
  event_id: string;
  edited: boolean;
  cause: 'expired' | 'withdrawn' | 'stopped' | null;
  /** What was filled into the form of the case; null where nothing was, or none of it is this caller's to see. */
  response?: Record<string, Json> | null;
  /** Prefilled fields that the person changed. */
  corrections?: Correction[];
}

/** A prefilled field that a person changed. */
export interface Correction {
  field: string;
  before: Json;
  after: Json;
}

/** The first of two approvals, and what was filled into the form with it: the second agrees to that. */
export interface FirstApproval {
  by: Person;
  at: string;
  response?: Record<string, Json> | null;
  corrections?: Correction[];
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
  first_approval?: FirstApproval | null;
  question_open?: string | null;
  impact?: string | null;
  stop_reasons?: { kind: string; code: string; text: string }[];
  route?: string;
  queue?: string | null;
  category?: string | null;
  service_tier?: number;
  impact_score?: number | null;
  /** When somebody should have decided; being late closes nothing. */
  due_at?: string | null;
  /** The same for the second of two reviews. */
  second_due_at?: string | null;
  stage?: 'triage' | 'review';
  assignee?: (Person & { since?: string }) | null;
  approvals_needed?: number;
  acknowledged_at?: string | null;
  /** Until when the decision can still be taken back unseen. */
  undo_until?: string | null;
  /** What Handoff itself asks about, such as a pause or a sample: no workflow waits for the answer. */
  subject?: string | null;
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

export type GateAnswer = 'pass' | 'fail' | 'not_applicable';

/** One thing to check, and what was found so far. */
export interface GateItem {
  id: string;
  title: string;
  criterion: string;
  /** `policy_version` is answered by Handoff itself: it always has a result, and no answer is sent for it. */
  check: 'pass_fail' | 'evidence' | 'policy_version';
  not_applicable: boolean;
  result: GateAnswer | null;
  note?: string | null;
  by: Person | null;
  at: string | null;
}

/** Checks that must pass before anything goes on; they open one after the other. */
export interface Gate {
  id: string;
  title: string;
  /** Of two reviews, which one answers it. */
  review: 1 | 2;
  /** Whether it may be answered now: the ones before it have passed. */
  open: boolean;
  /** Whether this caller may answer it. */
  may_answer: boolean;
  on_failure?: 'escalate' | 'triage';
  items: GateItem[];
}

/** A member of the form that a workflow asks to be filled in or corrected. */
export interface FormProperty {
  type: 'string' | 'number' | 'integer' | 'boolean';
  title?: string;
  description?: string;
  enum?: string[];
  format?: string;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  default?: Json;
}

export interface ResponseForm {
  properties: Record<string, FormProperty>;
  required?: string[];
}

export interface EscalationTarget {
  id: string;
  title: string;
  level: number;
}

/** One handoff as it stands, for this caller. */
export interface Live extends Row {
  delivery: Delivery | null;
  actions: OfferedAction[];
  reason_codes: { code: string; label: string }[];
  assurance: { have: Assurance; need: Assurance; by_action?: Partial<Record<string, Assurance>> };
  confirm_word: string | null;
  notes: Note[];
  history: { at: string; type: string; text: string; by: Person | null; to?: string | null }[];
  output?: Json;
  routing?: Routing | null;
  gates?: Gate[];
  escalation_targets?: EscalationTarget[];
  response_form?: ResponseForm | null;
  undo?: { until: string; mine: boolean } | null;
  /** From the first share on the badge is green, from the second on yellow, below it red. */
  confidence_bands?: { green_from: number; yellow_from: number };
  triage?: { needed: boolean; queues: { id: string; title: string }[]; categories: string[] } | null;
  /** Labels of what this caller does not see. */
  redacted?: string[];
  /** What this caller's roles let them do at all. */
  duties?: string[];
  second_review?: { blind_until_you_decide: boolean; first_action: 'approve' | 'modify' | null } | null;
  disagreements?: { at: string; first_by: Person; first_action: string; second_by: Person; second_action: string }[];
  /** Whether such a case may be decided together with others. */
  batches?: boolean;
  receipt?: { event_id: string; digest: string } | null;
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

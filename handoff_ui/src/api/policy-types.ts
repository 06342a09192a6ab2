/** What the companion says about policies, simulations and pauses. Times are ISO 8601. */
import type { Json } from '../trust/strict-json';
import type { Person } from './person';

export type RiskTier = 'low' | 'medium' | 'high' | 'critical';
export type JsonObject = { [key: string]: Json };

/** Rules that come with Handoff, and that others begin from. */
export interface Preset {
  name: string;
  title: string | null;
  description: string | null;
}

/** A row of the list of policies: a workflow with a policy of its own. */
export interface PolicyRow {
  workflow_id: string;
  version: number;
  /** False: this Handoff cannot read these rules, and knows no title, owner or risk of them. */
  readable: boolean;
  title: string | null;
  owner: { name: string | null; contact: string | null } | null;
  proposal: boolean;
  /** Who made the proposal that waits. */
  proposed_by: Person | null;
  risk_tier: RiskTier | null;
  saved_at: string | null;
  saved_by: Person | null;
}

export type SettingValue = number | boolean | string | null;

export interface Bounds {
  min: number;
  max: number;
}

/** Something of a policy that an operator may change without writing it as text (R-ROUTE-06). */
export interface Setting {
  /** Where it stands in the document: names joined by dots. */
  path: string;
  /** What it says, with `{value}` where its value belongs. */
  sentence: string;
  label: string;
  help: string;
  unit: string;
  kind: 'share' | 'minutes' | 'count' | 'choice';
  min: number | null;
  max: number | null;
  step: number | null;
  value: SettingValue;
  default: SettingValue;
  /** What governance approved beforehand; null where nothing was. */
  bounds: Bounds | null;
  options?: { value: SettingValue; label: string }[];
}

/** Who let a version hold: by signing it off, or beforehand by the bounds that it stays within. */
export interface Approver extends Person {
  how?: 'proposal' | 'within_bounds' | 'shipped_bounds';
}

export interface Difference {
  path: string;
  label: string;
  before: Json | undefined;
  after: Json | undefined;
  loosens: boolean;
}

export interface Proposal {
  id: string;
  document: JsonObject;
  diff: Difference[];
  reasons: string[];
  reason?: string;
  proposed_by: Person;
  proposed_at: string;
}

export interface Policy {
  workflow_id: string;
  version: number;
  /** False: this Handoff cannot read the document, and shows the numbers of the rules that stand in for it. */
  readable: boolean;
  document: JsonObject;
  effective: JsonObject;
  settings: Setting[];
  inherits: string | null;
  saved_at: string | null;
  saved_by: Person | null;
  approved_by: Approver | null;
  reason: string | null;
  proposal: Proposal | null;
  may_save: boolean;
  may_approve: boolean;
}

export interface Version {
  version: number;
  saved_at: string;
  saved_by: Person | null;
  approved_by: Approver | null;
  reason: string | null;
  diff: Difference[];
}

export interface Saved {
  status: 'active' | 'proposed';
  version?: number;
  proposal?: Proposal;
}

export type Lane = 'auto_approve' | 'human_review' | 'specialist_review' | 'reject' | 'stop_the_line';

export interface Example {
  kind: 'changed' | 'wrongly_approved';
  id: string;
  item_id: string | null;
  title: string | null;
  before: string;
  after: string;
  review_url: string | null;
  words: string;
}

/** What a policy would have done to past cases, beside what the present one does. */
export interface Report {
  items: number;
  days: number;
  before: { version: number; lanes: Partial<Record<Lane, number>> };
  after: { lanes: Partial<Record<Lane, number>> };
  changed: number;
  per_day: { date: string; before: number; after: number }[];
  wrongly_approved: number;
  wrongly_approved_before?: number;
  /** Cases of which too little was kept to try the rules on them. */
  unknown?: number;
  examples: Example[];
  /** What saving would do, where the companion says it. */
  verdict?: { status: 'active' | 'proposed'; reasons: string[] };
  diff?: Difference[];
}

export interface Pause {
  id: string;
  workflow_id: string | null;
  model_version: string | null;
  all: boolean;
  reason: string;
  started_by: Person | null;
  started_at: string;
  /** The case whose approval lets somebody resume. */
  review: string | null;
  /** What became of that review; null while it waits. */
  review_outcome?: { state: string; at: string; by: Person | null; rationale: string | null } | null;
  /** Set on those that are over. */
  ended_at: string | null;
}

/** One stage of the way a case took through the rules. */
export interface TraceStep {
  stage: string;
  outcome: string;
  route: string;
  words: string;
  compared?: { name: string; value: Json; op: string; threshold: Json }[];
  signals?: { code: string; source: string; where?: string | null }[];
}

export interface Routing {
  route: string;
  lane: Lane;
  queue: string | null;
  trace: TraceStep[];
  /** Whether overruling the model needs evidence attached. */
  evidence_required?: boolean;
}

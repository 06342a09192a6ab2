import type { Routing } from '../api/policy-types';
import type { Json } from './strict-json';

/** The context package, as the token carries it to the page. Fields that the workflow left out are null or empty. */
export interface ContextPackage {
  schema_version: number;
  handoff_id: string;
  group_id: string;
  package_version: number;
  parent_digest: string | null;
  request: Json;
  model_output: Json;
  request_digest: string;
  output_digest: string;
  large_values: LargeValue[];
  attachments: Attachment[];
  metadata: Metadata;
  /** What stands as null here because this reader may not see it. */
  redacted?: Redacted[];
}

/** A place that was left out, as a pointer (`*` stands for one member), and what a person calls it. */
export interface Redacted {
  path: string;
  label: string;
}

/** A value that is too large for the token: null at `path`, to be fetched and checked by its hash. */
export interface LargeValue {
  path: string;
  sha256: string;
  size_bytes: number;
  media_type: string;
}

export interface Attachment {
  name: string;
  media_type: string;
  size_bytes: number;
  sha256: string;
}

export type DisplayKind = 'text' | 'long_text' | 'table' | 'link' | 'image' | 'pdf' | 'number' | 'date';

export interface DisplayEntry {
  label: string;
  path: string;
  kind: DisplayKind;
}

export interface StopReason {
  kind: 'confidence' | 'policy' | 'exception' | 'out_of_scope';
  code: string;
  text: string;
}

export type ConfidenceKind = 'probability' | 'calibrated' | 'self_reported' | 'heuristic';

/** A case of the same workflow that was decided, and why it is like this one (R-CTX-16). */
export interface SimilarCase {
  id: string;
  decision: string;
  at: string;
  reason_code?: string | null;
  by?: string | null;
  why: string | string[];
}

export interface Metadata {
  workflow_id: string;
  task_id: string | null;
  title: string;
  question: string;
  approve_label: string;
  instructions: string[];
  created_at: string;
  expires_at: string;
  confidence: number | null;
  confidence_kind: ConfidenceKind | null;
  calibrated: boolean;
  risk_tier: 'low' | 'medium' | 'high' | 'critical';
  reversible: boolean | null;
  requester: string | null;
  impact: string | null;
  urgency: string | null;
  /** Whether the case loses its sense when it waits, and whether the time that it has is enough. */
  time_sensitive?: boolean;
  sla_feasible?: boolean | null;
  similar_cases?: SimilarCase[];
  rationale: string | null;
  model: {
    name: string | null;
    type: string | null;
    version: string | null;
    hash: string | null;
    retrained_at: string | null;
  };
  flags: string[];
  stop_reasons: StopReason[];
  thresholds: { confidence: number | null };
  /** The rules under which the case was opened; absent on cases from before there were any. */
  policy?: { id: string; version: number } | null;
  routing?: Routing | null;
  sources: { name: string; as_of?: string | null; url?: string | null; stale?: boolean }[];
  features: { name: string; value?: Json; weight?: number | null }[];
  counterfactuals: string[];
  harms: { kind: string; text?: string | null }[];
  evidence: { title: string; text?: string | null; url?: string | null }[];
  display: DisplayEntry[];
  source: { workflow_name?: string | null; execution_url?: string | null };
}

import type { State } from '../../api/types';

/** Flags in the few words that fit a chip. */
export const FLAG_WORDS: Record<string, string> = {
  pii: 'personal data',
  phi: 'health data',
  regulated_data: 'regulated data',
  pricing: 'prices',
  legal_advice: 'legal advice',
  legal_commitment: 'legal commitment',
  access_rights: 'access rights',
  access_change: 'changes access',
  financial_commitment: 'commits money',
  financial_impact: 'financial effect',
  external_communication: 'goes outside',
  out_of_scope: 'out of scope',
  weak_context: 'little to go on',
  prohibited_content: 'prohibited content',
  data_exposure: 'may expose data',
  policy_conflict: 'conflicts with policy',
  legal_contract: 'a contract',
  high_impact: 'weighs heavily',
  fraud_indicator: 'sign of fraud',
  credentials: 'password or key',
  prompt_injection: 'gives orders to the model',
  asked_by_workflow: 'asked each time',
  reversible_unknown: 'undo unclear',
  irreversible: 'cannot be undone',
  action_not_listed: 'unlisted action',
  source_not_listed: 'unlisted source',
  approval_mode: 'asked each time',
  long_prompt: 'long request',
  predicted_harm: 'possible harm',
  service_tier: 'highest service',
};

/** What another column of the row says already. */
export const SAID_ELSEWHERE: ReadonlySet<string> = new Set(['confidence_missing', 'risk_tier', 'high_risk']);

export const OUTCOME_WORDS: Partial<Record<State, string>> = {
  approved: 'approved',
  modified: 'approved, edited',
  rejected: 'rejected',
  expired: 'nobody decided',
  withdrawn: 'withdrawn',
  stopped: 'stopped by a rule',
  rolled_back: 'approval taken back',
};

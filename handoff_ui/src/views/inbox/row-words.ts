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
};

export const OUTCOME_WORDS: Partial<Record<State, string>> = {
  approved: 'approved',
  modified: 'approved, edited',
  rejected: 'rejected',
  expired: 'nobody decided',
  withdrawn: 'withdrawn',
  stopped: 'stopped by a rule',
  rolled_back: 'approval taken back',
};

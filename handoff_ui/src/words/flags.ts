import { humanise } from '../content/humanise';

/** What a flag or the code of a reason found, in the few words that fit a chip. */
const FLAG_WORDS: Record<string, string> = {
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

/** A flag as a person reads it: in the inbox, beside the case's badge, and in the rules. */
export function flagWords(flag: string): string {
  return FLAG_WORDS[flag] ?? humanise(flag).toLowerCase();
}

import type { State } from '../../api/types';
import { flagWords } from '../../words/flags';

/** What another column of the row says already. */
const SAID_ELSEWHERE: ReadonlySet<string> = new Set(['confidence_missing', 'risk_tier', 'high_risk']);

/** What stands on nearly every row, and so comes last on it. */
const SAYS_LEAST: ReadonlySet<string> = new Set(['reversible_unknown', 'asked_by_workflow', 'approval_mode']);

export const OUTCOME_WORDS: Partial<Record<State, string>> = {
  approved: 'approved',
  modified: 'approved, edited',
  rejected: 'rejected',
  expired: 'nobody decided',
  withdrawn: 'withdrawn',
  stopped: 'stopped by a rule',
  rolled_back: 'approval taken back',
};

/** A row is to be taken in at a glance; the case itself lists every reason. */
const MAX_REASONS = 4;

/** Why a case waits, beside how sure the model was: what says most first, and how many more there are. */
export function reasonWords(reasons: { kind: string; code: string }[]): { shown: string[]; more: number } {
  const codes = reasons
    .filter(({ kind, code }) => kind !== 'confidence' && !SAID_ELSEWHERE.has(code))
    .map(({ code }) => code);
  const words = [...codes.filter((code) => !SAYS_LEAST.has(code)), ...codes.filter((code) => SAYS_LEAST.has(code))].map(
    flagWords,
  );
  // The last one takes no more room than saying that there is one more.
  const fits = words.length === MAX_REASONS + 1 ? words.length : MAX_REASONS;
  return { shown: words.slice(0, fits), more: Math.max(0, words.length - fits) };
}

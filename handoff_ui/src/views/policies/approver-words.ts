import type { Approver } from '../../api/policy-types';

/** "signed off by Jonas Weber", or that a version stays within what somebody approved beforehand (R-GOV-16). */
export function approverWords(approver: Approver | null): string {
  if (approver === null) return '';
  const name = approver.name ?? 'governance';
  if (approver.how === 'shipped_bounds') return 'within the bounds that come with Handoff';
  return approver.how === 'within_bounds' ? `within what ${name} approved` : `signed off by ${name}`;
}

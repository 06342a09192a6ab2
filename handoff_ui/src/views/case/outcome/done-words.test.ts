import { describe, expect, it } from 'vitest';
import { disagreed, gate, item, live, ME } from '../../../../tests/live';
import { doneWords } from './done-words';

describe('what is said of a press while the case stays open', () => {
  const first = { state: 'awaiting_second_review', first_approval: { by: { id: ME, name: 'N' }, at: 'x' } } as const;
  const mayApprove = { action: 'approve', label: 'l', primary: true, needs_reason: false, why_not: null } as const;

  it('R-UI-20: the first of two approvals counts with the second', () => {
    for (const kind of ['approve', 'modify'] as const) {
      expect(doneWords(kind, live(first), ME)?.title).toBe('Your approval is recorded.');
    }
    expect(doneWords('approve', live(disagreed('rv_other')), ME)).toBeNull();
  });
  it('R-GATE-15: the second reviewer’s no is told as a no', () => {
    const words = doneWords('reject', live(disagreed(ME)), ME);
    expect(words?.title).toBe('Your rejection is recorded.');
    expect(words?.text).toContain('third person');
  });
  it('R-GATE-04: what a failed check sent away is said with where it went; what passed goes nowhere', () => {
    const failing = [gate('a', { items: [item('Order', { result: 'fail' })] })];
    expect(doneWords('verify', live({ gates: failing, reviewer_level: 2 }), ME)?.text).toBe(
      'Sent up to level 2: “Order” failed.',
    );
    expect(doneWords('verify', live({ gates: failing, stage: 'triage' }), ME)?.text).toMatch(/^Sent back to be sorted/);
    expect(doneWords('verify', live({ gates: [gate('a')] }), ME)?.text).toBeUndefined();
  });
  it('R-ACT-05: whoever hands a case on may decide it only where they could before', () => {
    const mine = live({ actions: [{ ...mayApprove, allowed: true }] });
    expect(doneWords('escalate', mine, ME)?.text).toContain('You can still decide it');
    for (const actions of [[], [{ ...mayApprove, allowed: false }]]) {
      expect(doneWords('escalate', live({ actions }), ME)?.text).not.toContain('You can');
    }
  });
});

import { describe, expect, it } from 'vitest';
import { live } from '../../tests/live';
import { firstFilled, levelWords, stageWords, targetsOf } from './stage';

describe('where a case stands, in words', () => {
  it('R-UI-20: the stage is named, and what it is for', () => {
    const two = { blind_until_you_decide: true, first_action: null };
    expect(stageWords(live())).toBeNull();
    expect(stageWords(live({ stage: 'triage' }))?.title).toBe('Triage.');
    expect(stageWords(live({ second_review: two }))?.title).toBe('Review 1 of 2.');
    expect(stageWords(live({ second_review: two, state: 'awaiting_second_review' }))?.title).toBe('Review 2 of 2.');
    expect(stageWords(live({ route: 'synchronous_human_review' }))?.title).toMatch(/waiting for you/);
  });
  it('R-UI-20: whoever may not approve is asked nothing, and the first of two is not told that it goes on', () => {
    const two = { blind_until_you_decide: true, first_action: null };
    const refused = {
      action: 'approve',
      label: 'l',
      primary: true,
      needs_reason: false,
      why_not: 'no',
      allowed: false,
    } as const;
    const waited = { route: 'synchronous_human_review' };
    expect(stageWords(live({ ...waited, second_review: two }))).toEqual({
      title: 'Review 1 of 2.',
      text: 'Is it complete, and does it follow the rules? A second person must agree before anything goes on.',
    });
    expect(stageWords(live({ ...waited, actions: [refused] }))).toBeNull();
    expect(stageWords(live({ ...waited, actions: [refused], second_review: two }))?.text).toBe('');
  });
  it('R-GATE-15: what the first filled in stands for a second and for a third, and not beside an edit of the third', () => {
    const first_approval = { by: { id: 'rv_jonas', name: 'Jonas' }, at: '2026-11-21T08:00:00Z' };
    expect(firstFilled(live({ first_approval, state: 'awaiting_second_review' }))).toBe(first_approval);
    expect(firstFilled(live({ first_approval, state: 'pending' }))).toBe(first_approval);
    expect(firstFilled(live({ first_approval, state: 'pending' }), true)).toBeNull();
    expect(firstFilled(live({ first_approval, state: 'approved' }))).toBeNull();
    expect(firstFilled(live({ state: 'pending' }))).toBeNull();
  });
  it('a case that nobody raised begins at its level', () => {
    const at = '2026-11-21T08:00:00Z';
    expect(levelWords(live())).toBeNull();
    expect(levelWords(live({ reviewer_level: 2 }))).toBe('Begins at level 2');
    const raised = [{ at, type: 'handoff.escalated', text: 't', by: null }];
    expect(levelWords(live({ reviewer_level: 2, history: raised }))).toBe('Escalated to level 2');
  });
  it('R-ACT-05: a case is handed to the next level, or on to a place that the policy names; never to where it is', () => {
    const target = (id: string, title: string, level: number) => ({ id, title, level });
    const escalation_targets = [
      target('level_1', 'Reviewer', 1),
      target('level_2', 'Specialist', 2),
      target('level_3', 'Manager', 3),
      target('legal', 'Legal', 4),
    ];
    expect(targetsOf(live({ escalation_targets })).map(({ words }) => words)).toEqual([
      'The next level: Specialist',
      'Manager (level 3)',
      'Legal (level 4)',
    ]);
    const highest = live({ reviewer_level: 4, escalation_targets: [target('legal', 'Legal', 4)] });
    expect(targetsOf(highest).map(({ id }) => id)).toEqual(['legal']);
    expect(targetsOf(live())).toEqual([{ id: '', words: 'The next level: 2' }]);
  });
});

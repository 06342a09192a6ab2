import { describe, expect, it } from 'vitest';
import type { Live } from '../../../api/types';
import { decidedBy, live, ME } from '../../../../tests/live';
import { consequenceWords, outcomeWords } from './outcome-words';
import { takeBackWords } from './take-back-words';

describe('R-ACT-06: what taking an approval back means for the workflow', () => {
  const delivery = { id: 'd', status: 'delivered', cause: null, attempts: 1, last_attempt_at: '2026-11-21T08:00:01Z' };
  const at = (moment: string): Partial<Live> => ({
    state: 'rolled_back',
    history: [{ at: moment, type: 'handoff.rolled_back', text: 't', by: null }],
  });
  it('says before and after that a workflow that was told is not called again', () => {
    const told = { delivery: { ...delivery, status: 'delivered' as const } };
    expect(takeBackWords(live(told))).toContain('not called again');
    expect(consequenceWords(live({ ...told, ...at('2026-11-21T09:00:00Z') }))).toContain('not called again');
  });
  it('says that a workflow that was not told hears of no approval', () => {
    const waiting = { delivery: { ...delivery, status: 'pending' as const, attempts: 0, last_attempt_at: null } };
    expect(takeBackWords(live(waiting))).toContain('nothing is approved');
    expect(consequenceWords(live({ ...waiting, ...at('2026-11-21T08:00:00Z') }))).toContain('nothing is approved');
    const since = { delivery: { ...delivery, status: 'delivered' as const } };
    expect(consequenceWords(live({ ...since, ...at('2026-11-21T08:00:00Z') }))).toContain('nothing is approved');
  });
});

describe('what became of a case, in words', () => {
  it('say who and what, and never read an expiry as a rejection', () => {
    expect(outcomeWords(live(decidedBy('x', 'approve', null)), ME)).toBe('N approved this');
    expect(outcomeWords(live(decidedBy(ME, 'reject', null)), ME)).toBe('You rejected this');
    expect(outcomeWords(live({ state: 'expired' }), ME)).toBe('Nobody decided in time');
  });
  it('speak of no workflow where Handoff itself asked', () => {
    const own = live({ subject: 'ho_0', ...decidedBy(ME, 'approve', null) });
    for (const text of [takeBackWords(own), consequenceWords({ ...own, state: 'rolled_back' })]) {
      expect(text).not.toMatch(/The workflow|the workflow/);
    }
  });
});

import { describe, expect, it } from 'vitest';
import { live } from '../../../tests/live';
import { yesWords } from './yes-words';

describe('what follows a yes', () => {
  const second_review = { blind_until_you_decide: false, first_action: null };

  it('the workflow goes on, where this one answer is all it waits for', () => {
    expect(yesWords(live())).toEqual({ workflow: true, words: 'goes on with exactly what is shown here.' });
    expect(yesWords(live({ second_review, state: 'awaiting_second_review' })).workflow).toBe(true);
  });
  it('nothing goes on at the first of two reviews', () => {
    const { workflow, words } = yesWords(live({ second_review, group: { size: 3, index: 0 } }));
    expect([workflow, words]).toEqual([false, expect.stringContaining('nothing goes on before')]);
  });
  it('a case of a group waits for the others of it', () => {
    expect(yesWords(live({ group: { size: 3, index: 0 } })).words).toContain(
      'once every case of this group is decided',
    );
  });
  it('nothing goes on by itself where Handoff itself asks', () => {
    const own = live({ subject: 'ho_0', group: { size: 1, index: 0 } });
    expect(yesWords(own)).toEqual({ workflow: false, words: expect.stringContaining('No workflow') as string });
  });
});

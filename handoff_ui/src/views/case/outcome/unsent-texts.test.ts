import { describe, expect, it } from 'vitest';
import { unsentTexts } from './unsent-texts';

describe('what was typed when somebody else decided', () => {
  it('is every text, and of an edit what differs; no choice, and nothing twice', () => {
    const extras = {
      comment: '',
      urgency: 'The flight.',
      mark: 'false_positive',
      evidence: { title: 'Order 7', text: '' },
    };
    expect(
      unsentTexts(
        [
          ['form', 'reject'],
          ['reason', 'wrong_category'],
          ['text', 'Not ours.'],
          ['extras', extras],
          ['checks', [['a\none', { result: 'fail', note: 'No order.' }]]],
          ['edit', { model_output: { subject: 'Hello', reply: 'Not ours.', refund: 35 } }],
        ],
        { subject: 'Hello', reply: 'Yours.', refund: 40 },
      ),
    ).toEqual(['Not ours.', 'The flight.', 'Order 7', 'No order.', '35']);
    expect(unsentTexts([['reason', 'wrong_category']], null)).toEqual([]);
  });
});

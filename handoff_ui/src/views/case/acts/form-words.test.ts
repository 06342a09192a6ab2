import { describe, expect, it } from 'vitest';
import { approveWords } from './form-words';

const ZERO_WIDTH = String.fromCodePoint(0x200b);
const OVERRIDE = String.fromCodePoint(0x202e);

describe('H3, H4: words that others chose cannot pass for something else', () => {
  it.each([
    ['Send the reply', 'Send the reply'],
    ['Reject', 'Approve: Reject'],
    ['  escalate it', 'Approve:   escalate it'],
    [`Reject${OVERRIDE}`, 'Approve'],
    [`Send${ZERO_WIDTH}`, 'Approve'],
    [' ', 'Approve'],
  ])('the button that approves never says another act: %j', (label, words) => expect(approveWords(label)).toBe(words));
});

import { describe, expect, it } from 'vitest';
import { choiceWords } from './choice-words';
import { spelled } from './reading';

const ZERO_WIDTH = String.fromCodePoint(0x200b);
const OVERRIDE = String.fromCodePoint(0x202e);

describe('H3, H4: words that others chose cannot pass for something else', () => {
  it('options that look alike are told apart; others stay words', () => {
    const labels = (...values: string[]): string[] => choiceWords(values).map(({ label }) => label);
    expect(labels('refund', 'keep')).toEqual(['Refund', 'Keep']);
    expect(labels('refund', `refund${ZERO_WIDTH}`)).toEqual(['“refund”', '“refund[U+200B]”']);
    expect(labels('pay_now', 'pay now', 'later')).toEqual(['“pay_now”', '“pay␣now”', 'Later']);
    expect(labels('сору', 'copy')).toEqual(['“[U+0441][U+043E][U+0440][U+0443]”', '“copy”']);
    expect(labels(`${OVERRIDE}yes`, 'no')).toEqual(['“[U+202E]yes”', 'No']);
    const many = ['a b', 'a_b', 'a-b', 'A B', 'a  b', 'ａ b'];
    expect(new Set(labels(...many)).size).toBe(many.length);
  });
  it('a name in a sentence has what is hidden in it written out', () => {
    expect(spelled(`Mara${ZERO_WIDTH} Lind`)).toBe('Mara[zero-width space] Lind');
    expect(spelled('Zoë Łukasz')).toBe('Zoë Łukasz');
  });
});

import { describe, expect, it } from 'vitest';
import { HOSTILE } from '../../tests/corpus/hostile';
import { readText } from './reading';

const families = [...new Set(HOSTILE.map(({ family }) => family))];

/** What a person sees of a text as text: chips and left-out gaps are not in it. */
function seen(text: string): string {
  return readText(text)
    .pieces.map((piece) => {
      if (piece.type === 'text') return piece.text;
      return piece.type === 'link' ? piece.before + piece.host + piece.after : '';
    })
    .join('');
}

describe('the corpus of hostile outputs', () => {
  it('holds more than five hundred, none twice', () => {
    expect(HOSTILE.length).toBeGreaterThan(500);
    expect(new Set(HOSTILE.map(({ text }) => text)).size).toBe(HOSTILE.length);
  });

  it.each(families)('H3: %s: no character that a person would not see is left in what is shown as text', (family) => {
    for (const { text } of HOSTILE.filter((one) => one.family === family)) {
      const left = seen(text).match(
        /[\p{Cf}\p{Cc}\p{Co}\p{Cn}\u034f\u115f\u1160\u17b4\u17b5\u2028\u2029\u2800\u3164\uffa0]/gu,
      );
      expect((left ?? []).filter((one) => !'\n\t'.includes(one))).toEqual([]);
    }
  });

  it.each(families)('H3: %s: what hides something is counted, so that approving asks about it', (family) => {
    for (const { text, hides } of HOSTILE.filter((one) => one.family === family)) {
      const { hidden, gaps } = readText(text);
      if (hides) expect(hidden + gaps, JSON.stringify(text.slice(0, 80))).toBeGreaterThan(0);
    }
  });

  it.each(families)('H4: %s: every letter and digit is shown, as text or named on a chip', (family) => {
    for (const { text } of HOSTILE.filter((one) => one.family === family)) {
      const { pieces } = readText(text);
      const chips = pieces.map((piece) => (piece.type === 'hidden' ? piece.label : '')).join('');
      const shown = new Set([...seen(text), ...chips]);
      const letters = [...text].filter((one) => /[\p{L}\p{Nd}]/u.test(one) && !/[\u115f\u1160\u3164\uffa0]/.test(one));
      expect(letters.filter((one) => !shown.has(one))).toEqual([]);
    }
  });
});

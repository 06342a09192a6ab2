import { describe, expect, it } from 'vitest';
import { abridged, changesOf } from './diff';

const joined = (before: string, after: string, without: string): string =>
  changesOf(before, after)
    .filter(({ type }) => type !== without)
    .map(({ text }) => text)
    .join('');

describe('the live difference of an edit', () => {
  it.each([
    ['eleven scanners lose it', '11 scanners lose it'],
    ['', 'new'],
    ['all gone', ''],
    ['a\r\nb', 'a\nb'],
    ['same', 'same'],
    ['äöü 👍 x', 'äöü 👎 x'],
  ])('%j → %j: without what was added it is the old text, without what was removed the new one', (before, after) => {
    expect(joined(before, after, 'added')).toBe(before);
    expect(joined(before, after, 'removed')).toBe(after);
  });
  it('tells a phrase that was replaced as one, not word after word', () => {
    expect(changesOf('Send it by the Thursday stocktake, please.', 'Send it before noon on Friday, please.')).toEqual([
      { type: 'same', text: 'Send it ' },
      { type: 'removed', text: 'by the Thursday stocktake' },
      { type: 'added', text: 'before noon on Friday' },
      { type: 'same', text: ', please.' },
    ]);
  });
  it('comes to an end for long texts', () => {
    const before = Array.from({ length: 20_000 }, (_, at) => `line ${at}\n`).join('');
    expect(joined(before, before.replaceAll('7', 'seven'), 'removed')).toBe(before.replaceAll('7', 'seven'));
  }, 30_000);
  it('cuts long unchanged stretches between words', () => {
    const before = `${'word '.repeat(100)}end`;
    const [first] = abridged(changesOf(before, `${before} more`));
    expect(first?.text.length).toBeLessThan(80);
    expect(first?.text.startsWith('…')).toBe(true);
  });
});

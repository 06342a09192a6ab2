import { diffLines, diffWordsWithSpace } from 'diff';

export interface Change {
  type: 'same' | 'added' | 'removed';
  text: string;
}

const WORDS_LIMIT_CHARS = 20_000;
const TIME_LIMIT_MS = 80;

/** What an edit changed, word by word; line by line where words would take too long to compare while typing. */
export function changesOf(before: string, after: string): Change[] {
  const options = { timeout: TIME_LIMIT_MS };
  const short = before.length + after.length < WORDS_LIMIT_CHARS;
  const parts = (short && diffWordsWithSpace(before, after, options)) || diffLines(before, after, options);
  if (!parts) {
    return [
      { type: 'removed', text: before },
      { type: 'added', text: after },
    ];
  }
  return parts.map(({ added, removed, value }) => ({
    type: added ? 'added' : removed ? 'removed' : 'same',
    text: value,
  }));
}

const KEPT_CHARS = 60;

/** The same changes with long unchanged stretches cut to their ends, between words, for the line under a field. */
export function abridged(changes: Change[]): Change[] {
  return changes.map((change, at) => {
    if (change.type !== 'same' || change.text.length <= 2 * KEPT_CHARS) return change;
    const head = at === 0 ? '' : change.text.slice(0, KEPT_CHARS).replace(/\S*$/, '');
    const tail = at === changes.length - 1 ? '' : change.text.slice(-KEPT_CHARS).replace(/^\S*/, '');
    return { ...change, text: `${head}…${tail}` };
  });
}

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
  return wholePhrases(
    parts.map(({ added, removed, value }) => ({
      type: added ? 'added' : removed ? 'removed' : 'same',
      text: value,
    })),
  );
}

/** Changes with nothing but spaces between them as one: a phrase that was replaced reads as two, not as word after word. */
function wholePhrases(changes: Change[]): Change[] {
  const told: Change[] = [];
  let [removed, added] = ['', ''];
  const tell = (): void => {
    if (removed !== '') told.push({ type: 'removed', text: removed });
    if (added !== '') told.push({ type: 'added', text: added });
    [removed, added] = ['', ''];
  };
  changes.forEach(({ type, text }, at) => {
    const isBetween = type === 'same' && /^[ \t]+$/.test(text) && changes[at + 1] !== undefined;
    if (type === 'same' && !(isBetween && removed + added !== '')) {
      tell();
      told.push({ type, text });
      return;
    }
    if (type !== 'added') removed += text;
    if (type !== 'removed') added += text;
  });
  tell();
  return told;
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

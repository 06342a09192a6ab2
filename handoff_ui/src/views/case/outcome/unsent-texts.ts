import type { Values } from '../../../hooks/use-kept';
import type { Json } from '../../../trust/strict-json';

/** Members that hold a choice, not words: what was chosen is chosen anew, where it is still of use. */
const CHOICES = ['result', 'mark', 'target', 'feasible'];
const WRITTEN = ['text', 'extras', 'checks', 'response', 'edit', 'triage.note', 'triage.category'];

/** The texts among what was typed, each once; of an edit only what differs from the `output` that was edited. */
export function unsentTexts(values: Values, output: Json): string[] {
  const known = new Set(textsIn(output));
  const typed = values
    .filter(([name]) => WRITTEN.includes(name))
    // An answer to a check stands behind the name of its item.
    .flatMap(([name, value]) =>
      textsIn(name === 'checks' ? (value as [string, unknown][]).map(([, given]) => given) : value),
    );
  return [...new Set(typed)].filter((text) => text.trim() !== '' && !known.has(text));
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([name]) => !CHOICES.includes(name))
    .flatMap(([, member]) => textsIn(member));
}

/** Which fields of the item are shown, in which order, under which labels (contract of `display`). */
import type { DisplayEntry, DisplayKind } from '../trust/package';
import type { Json } from '../trust/strict-json';
import { humanise } from './humanise';
import { joinPointer, parsePointer, valueAt } from './pointer';

export type Part = 'request' | 'model_output';

export interface Field {
  label: string;
  /** From the root that holds both parts: `/model_output/summary`. */
  pointer: string;
  kind: DisplayKind | 'auto';
  /** undefined: the workflow named a place where the item has nothing. */
  value: Json | undefined;
  /** Too large for the token: null until it is fetched. */
  isLarge: boolean;
}

/** A longer word would be broken in the column beside a value. */
const LABEL_WORD_CHARS = 13;
const LABEL_CHARS = 40;

/** Whether a label fits in the column beside its value, without breaking a word of it. */
export function isNarrowLabel(label: string): boolean {
  return label.length <= LABEL_CHARS && label.split(/[\s-]+/).every((word) => word.length <= LABEL_WORD_CHARS);
}

/** Whether a field fits on one line beside its label. */
export function isShort({ label, kind, value, isLarge }: Field): boolean {
  if (!isNarrowLabel(label)) return false;
  if (isLarge || kind === 'image' || kind === 'pdf' || kind === 'long_text') return false;
  if (value === null || value === undefined) return true;
  return typeof value === 'string' ? !isLongText(value) : typeof value !== 'object';
}

export interface Fields {
  shown: Field[];
  /** What the workflow did not name. It goes on with the rest, so it stays within reach of whoever approves. */
  others: Field[];
}

export function fieldsOf(part: Part, value: Json, display: DisplayEntry[], large: ReadonlySet<string>): Fields {
  const named = display.filter(({ path }) => parsePointer(path)[0] === part);
  const everything = fieldsByKey(part, value, large);
  if (named.length === 0) return { shown: everything, others: [] };
  const shown = named.map(({ label, path, kind }) => ({
    label,
    pointer: path,
    kind,
    value: valueAt({ [part]: value }, parsePointer(path)),
    isLarge: large.has(path),
  }));
  const covered = new Set(named.map(({ path }) => path));
  const others = covered.has(`/${part}`) ? [] : everything.filter(({ pointer }) => !covered.has(pointer));
  return { shown, others };
}

function fieldsByKey(part: Part, value: Json, large: ReadonlySet<string>): Field[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return [{ label: '', pointer: `/${part}`, kind: 'auto', value, isLarge: large.has(`/${part}`) }];
  }
  const fields = Object.entries(value).map(([key, member]): Field => {
    const pointer = joinPointer(`/${part}`, key);
    return { label: humanise(key), pointer, kind: 'auto', value: member, isLarge: large.has(pointer) };
  });
  // The package is canonical, so the order in which the workflow wrote the fields is lost: short ones lead, as in a letter.
  return [...fields.filter(isShort), ...fields.filter((field) => !isShort(field))];
}

/** The columns of a list of objects, or null when the value is no such list. */
export function tableColumns(value: Json): string[] | null {
  const MAX_COLUMNS = 12;
  if (!Array.isArray(value) || value.length === 0) return null;
  const columns = new Set<string>();
  for (const row of value) {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) return null;
    for (const key of Object.keys(row)) columns.add(key);
  }
  return columns.size > 0 && columns.size <= MAX_COLUMNS ? [...columns] : null;
}

const LONG_TEXT_CHARS = 90;

export function isLongText(value: string): boolean {
  return value.length > LONG_TEXT_CHARS || /[\n\r]/.test(value);
}

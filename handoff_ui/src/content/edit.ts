/** Editing a value field by field: which control a value gets, and what was typed as a value again. */
import type { Json } from '../trust/strict-json';

export type Control = 'line' | 'lines' | 'number' | 'yes_no' | 'empty' | 'list' | 'group';

export function controlFor(value: Json, isLong: (text: string) => boolean): Control {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'list';
  switch (typeof value) {
    case 'string':
      return isLong(value) ? 'lines' : 'line';
    case 'number':
      return 'number';
    case 'boolean':
      return 'yes_no';
    default:
      return 'group';
  }
}

/** The number a person typed, or null: no commas (1,234 means two numbers in two countries), no digits that get lost. */
export function parseNumber(typed: string): number | null {
  const MAX_DIGITS = 15;
  const text = typed.trim();
  if (!/^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/.test(text)) return null;
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+/, '');
  const value = Number(text);
  return Number.isFinite(value) && digits.length <= MAX_DIGITS ? value : null;
}

/** What a new entry of a list starts as: the shape of its first entry, with nothing in it. */
export function blankLike(value: Json | undefined): Json {
  if (Array.isArray(value)) return [];
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, blankLike(member)]));
  }
  if (typeof value === 'number') return 0;
  if (typeof value === 'boolean') return false;
  return value === null ? null : '';
}

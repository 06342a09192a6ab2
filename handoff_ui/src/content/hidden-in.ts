import type { Json } from '../trust/strict-json';
import { readText } from './reading';

/** How much of a value a person would not see: hidden characters and left-out gaps, keys included. */
export function hiddenIn(value: Json): { hidden: number; gaps: number } {
  if (typeof value === 'string') {
    const { hidden, gaps } = readText(value);
    return { hidden, gaps };
  }
  if (typeof value !== 'object' || value === null) return { hidden: 0, gaps: 0 };
  const parts = Array.isArray(value) ? value : [...Object.keys(value), ...Object.values(value)];
  return parts
    .map(hiddenIn)
    .reduce((sum, part) => ({ hidden: sum.hidden + part.hidden, gaps: sum.gaps + part.gaps }), { hidden: 0, gaps: 0 });
}

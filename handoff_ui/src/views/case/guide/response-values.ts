/** The form of a workflow: what stands in its fields as text, and the values that this text means. */
import type { FormProperty, ResponseForm } from '../../../api/types';
import { parseNumber } from '../../../content/edit';
import { humanise } from '../../../content/humanise';
import { spelled } from '../../../content/reading';
import type { Json } from '../../../trust/strict-json';

/** Field → what stands in it; empty: nothing. */
export type Typed = Record<string, string>;

export function startOf(form: ResponseForm): Typed {
  return Object.fromEntries(
    Object.entries(form.properties).map(([name, { default: filled }]) => [
      name,
      filled === undefined || filled === null ? '' : String(filled),
    ]),
  );
}

/** What is wrong with a field, as a sentence; null when it can be sent. */
export function fieldFault(property: FormProperty, required: boolean, text: string): string | null {
  if (text.trim() === '') return required ? 'This is needed.' : null;
  const { type, minimum, maximum, maxLength } = property;
  if (type === 'number' || type === 'integer') {
    const value = parseNumber(text);
    if (value === null) return 'Write a number like 1234.5, without commas or units.';
    if (type === 'integer' && !Number.isInteger(value)) return 'Write a whole number.';
    if (minimum !== undefined && value < minimum) return `At least ${minimum}.`;
    if (maximum !== undefined && value > maximum) return `At most ${maximum}.`;
  }
  if (maxLength !== undefined && text.length > maxLength) return `At most ${maxLength} characters.`;
  return null;
}

/** What is filled in, and what is to be done before it can be sent, as sentences. */
export function valuesOf(form: ResponseForm, typed: Typed): { value: Record<string, Json>; faults: string[] } {
  const value: Record<string, Json> = {};
  const missing: string[] = [];
  const wrong: string[] = [];
  for (const [name, property] of Object.entries(form.properties)) {
    const text = typed[name] ?? '';
    const fault = fieldFault(property, form.required?.includes(name) === true, text);
    if (fault === null) {
      if (text !== '') value[name] = valueOf(property, text);
    } else if (text.trim() === '') missing.push(titleOf(form, name));
    else wrong.push(`${titleOf(form, name)} (${inShort(fault)})`);
  }
  const faults = [
    ...(missing.length > 0 ? [`Fill in first: ${missing.join(', ')}.`] : []),
    ...(wrong.length > 0 ? [`Mend first: ${wrong.join(', ')}.`] : []),
  ];
  return { value, faults };
}

/** "Write a whole number." within a sentence: "a whole number". */
function inShort(fault: string): string {
  const words = fault.replace(/^Write /, '').replace(/\.$/, '');
  return words.charAt(0).toLowerCase() + words.slice(1);
}

/** How many fields that came empty are filled in now. */
export function filledFields(form: ResponseForm, typed: Typed): number {
  return Object.entries(startOf(form)).filter(([name, was]) => was === '' && (typed[name] ?? '').trim() !== '').length;
}

/** Titles of the fields that were filled in before, and are another now. */
export function changedFields(form: ResponseForm, typed: Typed): string[] {
  const start = startOf(form);
  return Object.keys(form.properties)
    .filter((name) => start[name] !== '' && start[name] !== typed[name])
    .map((name) => titleOf(form, name));
}

function valueOf({ type }: FormProperty, text: string): Json {
  if (type === 'boolean') return text === 'true';
  return type === 'string' ? text : parseNumber(text);
}

function titleOf({ properties }: ResponseForm, name: string): string {
  return spelled(properties[name]?.title ?? humanise(name));
}

/** Settings and differences as a person says them. */
import type { Bounds, Difference, Setting, SettingValue } from '../../api/policy-types';
import { humanise } from '../../content/humanise';
import type { Json } from '../../trust/strict-json';
import { percentWords } from '../../words/confidence';
import { flagWords } from '../../words/flags';
import { partWords } from './part-words';

export type GroupName = 'confidence' | 'risk' | 'sampling' | 'times' | 'choices';

export const GROUPS: [name: GroupName, title: string][] = [
  ['confidence', 'How sure the model must be'],
  ['risk', 'How much risk is too much'],
  ['sampling', 'What is looked at afterwards'],
  ['times', 'How long things may take'],
  ['choices', 'What else applies'],
];

/** Where a setting belongs on the page, by what it is about. */
export function groupOf({ path, kind }: Setting): GroupName {
  if (kind === 'choice') return 'choices';
  if (path.startsWith('sampling.')) return 'sampling';
  if (kind === 'minutes' || /^(sla|expires_in_s|undo_window_s)/.test(path)) return 'times';
  if (/confidence/.test(path)) return 'confidence';
  return /risk|score|weight/.test(path) ? 'risk' : 'choices';
}

/** "85 %", "4 h", "20,000 characters", "yes". */
export function valueWords(setting: Pick<Setting, 'kind' | 'unit' | 'options'>, value: SettingValue): string {
  if (value === null) return 'not set';
  const option = setting.options?.find((one) => one.value === value);
  if (option !== undefined) return option.label;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return humanise(value).toLowerCase();
  if (isPercent(setting)) return percentWords(value);
  if (setting.kind === 'minutes') return minutesWords(value);
  const number = value.toLocaleString('en');
  return setting.unit === '' ? number : `${number} ${setting.unit}`;
}

/** "45 min", "4 h", "1 h 30 min", "3 d". */
export function minutesWords(minutes: number): string {
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  const parts = [days > 0 && `${days} d`, hours > 0 && `${hours} h`, rest > 0 && `${+rest.toFixed(2)} min`];
  return parts.filter((part) => part !== false).join(' ') || '0 min';
}

type Scale = Pick<Setting, 'kind' | 'unit'>;

/** A share in per cent; one without that unit, as a risk is, is said and typed from 0 to 1. */
function isPercent({ kind, unit }: Scale): boolean {
  return kind === 'share' && unit === '%';
}

/** What stands in the field; 0.29 * 100 is not 29 in a double. */
export function toField(setting: Scale, value: number): number {
  return isPercent(setting) ? +(value * 100).toFixed(4) : value;
}

export function fromField(setting: Scale, typed: number): number {
  return +(isPercent(setting) ? typed / 100 : typed).toFixed(6);
}

const ROUND = [1, 2, 3, 4, 6, 8, 10];

/** Where the slider begins and ends: a share from end to end, minutes and counts as far as they make sense. */
export function slideRange({ kind, min, max, step, value, default: fallback, bounds }: Setting): Bounds {
  const least = min ?? 0;
  if (kind === 'share') return { min: least, max: max ?? 1 };
  const numbers = [value, fallback, bounds?.max ?? null].filter((number) => typeof number === 'number');
  const far = Math.max(step ?? 1, ...numbers) * 1.5;
  const ten = 10 ** Math.floor(Math.log10(far));
  const end = (ROUND.find((many) => many * ten >= far) ?? 10) * ten;
  // A slider steps from its beginning: from 1 in steps of 5 it would say 6, 11, 16.
  return { min: Math.max(least, step ?? least), max: Math.min(end, max ?? end) };
}

/** What a person typed as the setting's value, or why it cannot be one. */
export function readField(setting: Setting, text: string): { value: number } | { fault: string } {
  const clean = text.trim().replace(/\s|%$/g, '').replace(',', '.');
  const [least, most] = [toField(setting, setting.min ?? 0), toField(setting, setting.max ?? Number.MAX_SAFE_INTEGER)];
  const range =
    setting.max === null
      ? `a number from ${least.toLocaleString('en')}`
      : `a number from ${least.toLocaleString('en')} to ${most.toLocaleString('en')}`;
  const isNumber = /^\d+(\.\d+)?$/.test(clean);
  const typed = isNumber ? Number(clean) : NaN;
  if (!isNumber || typed < least || typed > most) return { fault: `Type ${range}.` };
  if (setting.kind !== 'share' && Number.isInteger(setting.step ?? 1) && !Number.isInteger(typed)) {
    return { fault: 'Type a whole number.' };
  }
  return { value: fromField(setting, typed) };
}

/** The sentence before and after its number, without a unit that would stand there twice: "within 1 business day". */
export function sentenceParts(
  { sentence, unit }: Pick<Setting, 'sentence' | 'unit'>,
  value: SettingValue = null,
): {
  before: string;
  after: string;
} {
  const [before = sentence, after = ''] = sentence.split('{value}', 2);
  const said = unit === '' || after.trimStart().startsWith(unit);
  const whole = said ? after : ` ${unit}${after}`;
  const isOne = value === 1 && unit.endsWith('s');
  return { before, after: isOne ? whole.replace(unit, unit.slice(0, -1)) : whole };
}

/** One difference as a sentence: "Ask a person below: 85 % → 80 %". */
export function differenceWords(difference: Difference, settings: Setting[]): { label: string; text: string } {
  const setting = settings.find(({ path }) => path === difference.path);
  const { before, after } = difference;
  if (setting !== undefined) {
    const words = (value: Json | undefined): string => valueWords(setting, (value ?? null) as SettingValue);
    return { label: difference.label || setting.label, text: `${words(before)} → ${words(after)}` };
  }
  const label = difference.label || humanise(difference.path.replaceAll(/[./]/g, ' '));
  if (Array.isArray(before) || Array.isArray(after)) return { label, text: listWords(before, after) };
  const text = partWords(difference.path, before, after);
  return { label, text: text ?? `${looseWords(difference.path, before)} → ${looseWords(difference.path, after)}` };
}

function listWords(before: Json | undefined, after: Json | undefined): string {
  const [old, now] = [before, after].map((list) => (Array.isArray(list) ? list : []).map((item) => itemWords(item)));
  const added = (now ?? []).filter((item) => !old?.includes(item));
  const removed = (old ?? []).filter((item) => !now?.includes(item));
  const parts = [
    added.length > 0 && `added ${added.join(', ')}`,
    removed.length > 0 && `removed ${removed.join(', ')}`,
  ].filter((part) => part !== false);
  return parts.join('; ') || 'in another order';
}

function itemWords(item: Json): string {
  if (typeof item === 'string') return flagWords(item);
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return String(item);
  const named = item.words ?? item.title ?? item.name ?? item.id;
  return typeof named === 'string' ? `“${named}”` : 'an entry';
}

/** A value of a path that is no setting; a number up to 1 among confidences and rates is a share. */
function looseWords(path: string, value: Json | undefined): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') {
    return /confidence|^sampling/.test(path) && value <= 1 ? percentWords(value) : value.toLocaleString('en');
  }
  if (typeof value === 'string') return `“${value}”`;
  return Array.isArray(value) ? `${value.length} entries` : 'another set of rules';
}

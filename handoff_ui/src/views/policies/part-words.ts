/** Parts of a policy that are no single value, as a person says them: rules, gates, queues, levels. */
import type { JsonObject } from '../../api/policy-types';
import { humanise } from '../../content/humanise';
import { sameJson } from '../../trust/canonical';
import type { Json } from '../../trust/strict-json';

const RULE_ENDS: Record<string, string> = {
  stop_the_line: 'stops the line',
  hard_block: 'rejected by rule',
  forced_review: 'a person decides',
};

/** What became of a part: "new: The refund is above 200. → a specialist decides", or which members of it differ. */
export function partWords(path: string, before: Json | undefined, after: Json | undefined): string | null {
  const [old, now] = [before, after].map((part) => (isPart(part) ? part : null));
  if (now && !old && before == null) return `new: ${said(path, now)}`;
  if (old && !now && after == null) return `gone: ${said(path, old)}`;
  if (!old || !now) return null;
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const told = names
    .filter((name) => !sameJson(old[name] ?? null, now[name] ?? null))
    .map((name) => `${humanise(name).toLowerCase()}: ${valueSaid(old[name])} → ${valueSaid(now[name])}`);
  return told.join('; ') || 'the same, in another order';
}

function said(path: string, part: JsonObject): string {
  if (path.startsWith('rules.')) return `${textOf(part.words) || humanise(textOf(part.id))} → ${ruleEnd(part)}`;
  const title = textOf(part.title) || textOf(part.label) || textOf(part.name);
  const criteria = listOf(part.items).map((item) => (isPart(item) ? textOf(item.criterion) : ''));
  const more = [...criteria, textOf(part.criterion)].filter((text) => text !== '' && text !== title);
  return [title, [...new Set(more)].join('; ')].filter((text) => text !== '').join(': ') || membersSaid(part);
}

function ruleEnd({ stage, lane, queue }: JsonObject): string {
  const end = RULE_ENDS[textOf(stage)] ?? 'a person decides';
  if (textOf(stage) !== 'forced_review') return end;
  if (lane === 'specialist_review' || queue === 'specialist_review') return 'a specialist decides';
  return textOf(queue) === '' ? end : `${end}, in ${humanise(textOf(queue))}`;
}

function membersSaid(part: JsonObject): string {
  const given = Object.entries(part).filter(([, value]) => value !== null && !(Array.isArray(value) && !value.length));
  return given.map(([name, value]) => `${humanise(name).toLowerCase()} ${valueSaid(value)}`).join(', ') || 'nothing';
}

function valueSaid(value: Json | undefined): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return `“${value}”`;
  if (Array.isArray(value)) return value.map((one) => valueSaid(one)).join(', ') || 'nothing';
  return typeof value === 'object' ? said('', value) : value.toLocaleString('en');
}

function isPart(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

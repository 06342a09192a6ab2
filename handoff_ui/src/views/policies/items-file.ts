/** Past items from a file, to try rules on: CSV with a head line, or one JSON object a line. Nothing of it is kept. */
import type { JsonObject } from '../../api/policy-types';
import { count } from '../../content/reading';
import type { Json } from '../../trust/strict-json';
import { withPath } from './draft';

export type ReadItems = { items: JsonObject[] } | { fault: string };

export const MOST_ITEMS = 5_000;
export const MOST_BYTES = 5_000_000;

const NUMBERS = new Set(['confidence', 'risk_score', 'prompt_characters', 'service_tier']);
const BOOLEANS = new Set(['action_reversible', 'reversible']);
const LISTS = new Set(['flags']);
const TRUE = /^(true|yes|1)$/i;
const FALSE = /^(false|no|0)$/i;

/** Each item of the text, or the first thing that is wrong with it, with its line. */
export function readItems(name: string, text: string): ReadItems {
  const clean = text.replace(/^\uFEFF/, '');
  if (clean.trim() === '') return { fault: 'The file is empty.' };
  const isJson = /\.(jsonl|ndjson|json)$/i.test(name) || clean.trimStart().startsWith('{');
  const read = isJson ? fromJsonLines(clean) : fromCsv(clean);
  if ('items' in read && read.items.length > MOST_ITEMS) {
    return {
      fault: `The file has ${read.items.length.toLocaleString('en')} items; at most 5,000 can be tried at once.`,
    };
  }
  return read;
}

function fromJsonLines(text: string): ReadItems {
  const items: JsonObject[] = [];
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    try {
      const item = JSON.parse(line) as Json;
      if (typeof item !== 'object' || item === null || Array.isArray(item)) throw new TypeError();
      items.push(item);
    } catch {
      return { fault: `Line ${at + 1} is not one JSON object.` };
    }
  }
  return { items };
}

function fromCsv(text: string): ReadItems {
  const rows = parseCsv(text);
  const head = (rows[0] ?? []).map((name) => name.trim().toLowerCase());
  if (!head.includes('confidence') && !head.includes('risk_score') && !head.includes('flags')) {
    return { fault: 'The first line must name the columns, among them confidence, risk_score or flags.' };
  }
  const items: JsonObject[] = [];
  for (const [at, cells] of rows.slice(1).entries()) {
    if (cells.length === 1 && cells[0]?.trim() === '') continue;
    if (cells.length !== head.length) {
      return { fault: `Row ${at + 2} has ${count(cells.length, 'column')}, the first line has ${head.length}.` };
    }
    const members: [string, Json][] = [];
    for (const [place, name] of head.entries()) {
      const value = cellValue(name, (cells[place] ?? '').trim());
      if (value === undefined) return { fault: `Row ${at + 2}: “${cells[place]?.trim()}” cannot be a ${name}.` };
      if (value !== null && name !== '') members.push([name, value]);
    }
    items.push(Object.fromEntries(members));
  }
  return items.length === 0 ? { fault: 'The file has a head line and no items.' } : { items };
}

const BESIDE = ['outcome', 'at'];

/** The items as the companion takes them: what happened to a case stands beside it, and dots lead into its parts. */
export function factsOf(items: JsonObject[], workflowId: string): JsonObject[] {
  return items.map((given) => {
    // Lines that were saved from the companion have the case under `item` already.
    const { item: inner, ...outer } = given;
    const whole = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? { ...outer, ...inner } : given;
    let item: JsonObject = { workflow_id: workflowId, request: {}, model_output: {} };
    for (const [name, value] of Object.entries(whole)) {
      if (!BESIDE.includes(name)) item = withPath(item, name, value);
    }
    const beside = BESIDE.filter((name) => Object.hasOwn(whole, name)).map((name) => [name, whole[name]]);
    return { item, ...(Object.fromEntries(beside) as JsonObject) };
  });
}

/** Undefined when the text cannot be a value of this column; null when the cell is empty. */
function cellValue(name: string, text: string): Json | undefined {
  if (LISTS.has(name)) return text.split(/[;|\s]+/).filter((flag) => flag !== '');
  if (text === '') return null;
  if (NUMBERS.has(name)) return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
  if (/^(request|model_output)\./.test(name) && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (BOOLEANS.has(name)) return TRUE.test(text) ? true : FALSE.test(text) ? false : undefined;
  return text;
}

/** RFC 4180, with commas or, where the head line has none, semicolons. */
export function parseCsv(text: string): string[][] {
  const comma = (text.split('\n', 1)[0] ?? '').includes(',') ? ',' : ';';
  const rows: string[][] = [];
  let [row, cell, quoted]: [string[], string, boolean] = [[], '', false];
  const endCell = (): void => {
    row.push(cell);
    cell = '';
  };
  const endRow = (): void => {
    endCell();
    rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at] as string;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (char === '"' && cell === '') quoted = true;
    else if (char === comma) endCell();
    else if (char === '\n') endRow();
    else if (char !== '\r') cell += char;
  }
  if (cell !== '' || row.length > 0) endRow();
  return rows;
}

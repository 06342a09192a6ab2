/** JSON that every reader takes in one way (security row J7): what Python's verifier refuses, this refuses too. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type JsonFault =
  | 'not_utf8'
  | 'invalid_json'
  | 'too_deep'
  | 'too_many_values'
  | 'string_too_long'
  | 'duplicate_member'
  | 'lone_surrogate'
  | 'number_not_exact';

/** What a document may be at most, counted as Python's verifier counts. */
export interface Limits {
  depth: number;
  /** Members and elements together. */
  values?: number;
  /** Characters of one string; an escape is one. */
  stringChars?: number;
}

export class JsonRefused extends Error {
  constructor(readonly code: JsonFault) {
    super(code);
  }
}

const TOKEN = /[{}[\]:,]|"(?:[^"\\]|\\.)*"|[^\s{}[\]:,"]+/g;
const LONE_SURROGATE = /\p{Surrogate}/u;
const ESCAPE = /\\u[0-9A-Fa-f]{4}|\\./g;
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;
const MAX_NUMBER_CHARS = 400;
const MAX_EXPONENT_DIGITS = 18;

/** Reads one document. Throws JsonRefused. `__proto__` stays an ordinary member, because JSON.parse makes the values. */
export function parseStrict(bytes: Uint8Array<ArrayBuffer>, limits: Limits): Json {
  const text = decodeUtf8(bytes);
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    throw new JsonRefused('invalid_json');
  }
  checkTokens(text.match(TOKEN) ?? [], limits);
  return value;
}

export function decodeUtf8(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    // ignoreBOM keeps a byte order mark in the text, where JSON.parse refuses it as Python does.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new JsonRefused('not_utf8');
  }
}

/** Walks the tokens of a document that is known to be well formed. */
function checkTokens(tokens: string[], { depth, values = Infinity, stringChars = Infinity }: Limits): void {
  const open: (Set<string> | null)[] = [];
  if (tokens.filter((token) => '{[,'.includes(token)).length > values) throw new JsonRefused('too_many_values');
  tokens.forEach((token, at) => {
    if (token === '{' || token === '[') {
      if (open.push(token === '{' ? new Set() : null) > depth) throw new JsonRefused('too_deep');
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token.startsWith('"')) {
      if ([...token.slice(1, -1).replace(ESCAPE, '_')].length > stringChars) throw new JsonRefused('string_too_long');
      const text = JSON.parse(token) as string;
      if (LONE_SURROGATE.test(text)) throw new JsonRefused('lone_surrogate');
      const members = open.at(-1);
      if (members && tokens[at + 1] === ':') {
        if (members.has(text)) throw new JsonRefused('duplicate_member');
        members.add(text);
      }
    } else if (NUMBER.test(token) && !isExact(token)) {
      throw new JsonRefused('number_not_exact');
    }
  });
}

/** Whether a number as written is the number that a double holds. */
function isExact(written: string): boolean {
  if (written.length > MAX_NUMBER_CHARS) return false;
  const read = Number(written);
  return Number.isFinite(read) && decimal(written) !== null && decimal(written) === decimal(String(read));
}

/** A number as one text a value: digits without outer zeros, and the place of the last digit. */
function decimal(written: string): string | null {
  const [, sign, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(written) ?? [];
  if (exponent.replace(/^[+-]?0*/, '').length > MAX_EXPONENT_DIGITS) return null;
  const digits = (whole + fraction).replace(/^0+/, '');
  const significant = digits.replace(/0+$/, '');
  if (significant === '') return '0';
  const place = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign}${significant}e${place}`;
}

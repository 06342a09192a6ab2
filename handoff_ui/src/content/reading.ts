/** Makes visible what a text would hide from whoever approves it (security rows H3, H4). */
import { codeOf, nameOf } from './hidden-names';

export type Piece =
  | { type: 'text'; text: string }
  | { type: 'link'; before: string; host: string; after: string; ascii: string | null }
  | { type: 'hidden'; label: string; explanation: string; many: number }
  | { type: 'gap'; label: string; hidden: number };

export interface Reading {
  pieces: Piece[];
  /** How many characters are hidden, or look like others. */
  hidden: number;
  /** How many long runs of empty lines or spaces were left out. */
  gaps: number;
}

const CYRILLIC = 'аеорсухіјѕԁԛԝһӏАВЕКМНОРСТХІЈЅ';
const GREEK = 'οανικρτυχγΑΒΕΖΗΙΚΜΝΟΡΤΥΧ';
const LOOKALIKE = new RegExp(`[${CYRILLIC}${GREEK}]`, 'gu');

const BLANK = ' \\t\\u00A0\\u1680\\u2000-\\u200A\\u202F\\u205F\\u3000';
const ZERO_WIDTH = '\\u00AD\\u200B-\\u200F\\u2060\\uFEFF';
const JOINING =
  'Arabic Syriac Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Khmer Mongolian'
    .split(' ')
    .map((script) => `\\p{Script=${script}}`)
    .join('');

type Rule = [pattern: RegExp, read: (found: string) => Piece | Piece[]];

/** The first rule that fits decides; each pattern takes a whole run, so that a run becomes one chip. */
const RULES: Rule[] = [
  [/\b(?:https?|ftp|javascript|data|file|vbscript):[^\s<>"'`\p{Cf}\p{Cc}]*[^\s<>"'`\p{Cf}\p{Cc}.,;:!?)\]}]/iuy, link],
  // The Hangul fillers count as letters, and are blank.
  [/(?:(?![\u115F\u1160\u3164\uFFA0])[\p{L}\p{Nd}])+/uy, word],
  [new RegExp(`(?:[${BLANK}${ZERO_WIDTH}]*\\n){5,}`, 'uy'), emptyLines],
  [
    new RegExp(`[${BLANK}]{41,}`, 'uy'),
    (found) => ({ type: 'gap', label: `${count(found.length, 'space')} left out`, hidden: 0 }),
  ],
  [/[\n\t ]+/uy, plain],
  [/\p{RI}{2}|\p{Emoji}\uFE0F?\u20E3?\p{EMod}?(?:\u200D\p{ExtPict}\uFE0F?\p{EMod}?)*/uy, plain],
  [/\uFE0F?\u20E3/uy, plain],
  [/[\u{E0000}-\u{E007F}]+/uy, tags],
  [
    /[\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}\u{180B}-\u{180D}]+/uy,
    run('variation selector', 'Invisible, and able to carry hidden data.'),
  ],
  [/\p{M}{5,}/uy, run('stacked mark', 'Marks that pile up over the text around them.')],
  // Between letters of these scripts a zero-width joiner is spelling; anywhere else it hides something.
  [new RegExp(`(?<=[${JOINING}\\p{M}])[\\u200C\\u200D](?=[${JOINING}])`, 'uy'), plain],
  [/([\p{Cf}\p{Cc}\p{Co}\p{Cn}\p{Cs}\u034F\u115F\u1160\u17B4\u17B5\u2028\u2029\u2800\u3164\uFFA0])\1*/uy, unseen],
  [/[^]/uy, plain],
];

const REMEMBERED = 64;
const remembered = new Map<string, Reading>();

/** Cuts a text into what is shown as it is, and chips for what would not be seen. Long texts are cut once. */
export function readText(raw: string): Reading {
  const known = remembered.get(raw);
  if (known !== undefined) return known;
  const reading = cut(raw);
  const LONG_CHARS = 1_000;
  if (raw.length > LONG_CHARS) {
    const [oldest] = remembered.keys();
    if (remembered.size >= REMEMBERED && oldest !== undefined) remembered.delete(oldest);
    remembered.set(raw, reading);
  }
  return reading;
}

function cut(raw: string): Reading {
  const text = raw.replaceAll('\r\n', '\n');
  const pieces: Piece[] = [];
  for (let at = 0; at < text.length;) {
    for (const [pattern, read] of RULES) {
      pattern.lastIndex = at;
      const found = pattern.exec(text)?.[0];
      if (found === undefined) continue;
      for (const piece of [read(found)].flat()) append(pieces, piece);
      at += found.length;
      break;
    }
  }
  let [hidden, gaps] = [0, 0];
  for (const piece of pieces) {
    if (piece.type === 'hidden') hidden += piece.many;
    if (piece.type === 'gap') [hidden, gaps] = [hidden + piece.hidden, gaps + 1];
  }
  return { pieces, hidden, gaps };
}

function append(pieces: Piece[], piece: Piece): void {
  const last = pieces.at(-1);
  if (piece.type === 'text' && last?.type === 'text') last.text += piece.text;
  else pieces.push(piece);
}

function plain(text: string): Piece {
  return { type: 'text', text };
}

/** A word that mixes Latin letters with look-alikes of another script shows which they are. */
function word(found: string): Piece | Piece[] {
  if (!/\p{Script=Latin}/u.test(found) || found.search(LOOKALIKE) < 0) return plain(found);
  return [...found].map((letter) => {
    const script = CYRILLIC.includes(letter) ? 'Cyrillic' : GREEK.includes(letter) ? 'Greek' : null;
    if (script === null) return plain(letter);
    const explanation = `${codeOf(letter)}: a ${script} letter that looks like a Latin one.`;
    return { type: 'hidden', label: `${script} ${letter}`, explanation, many: 1 };
  });
}

function emptyLines(found: string): Piece {
  const lines = found.split('\n').length - 2;
  const hidden = found.match(new RegExp(`[${ZERO_WIDTH}]`, 'gu'))?.length ?? 0;
  return { type: 'gap', label: `${count(lines, 'empty line')} left out`, hidden };
}

function tags(found: string): Piece {
  const characters = [...found];
  const spelled = characters.map((tag) => String.fromCodePoint((tag.codePointAt(0) as number) & 0x7f)).join('');
  return {
    type: 'hidden',
    label: `hidden text “${spelled.replace(/[^\x20-\x7e]/g, '')}”`,
    explanation: 'Tag characters: software reads them, a person does not see them.',
    many: characters.length,
  };
}

function run(name: string, explanation: string): (found: string) => Piece {
  return (found) => {
    const many = [...found].length;
    return { type: 'hidden', label: count(many, name), explanation, many };
  };
}

function unseen(found: string): Piece[] {
  const [char = ''] = found;
  const many = [...found].length;
  const label = many === 1 ? nameOf(char) : `${many.toLocaleString('en')} × ${nameOf(char)}`;
  const chip: Piece = { type: 'hidden', label, explanation: `${codeOf(char)}: not visible by itself.`, many };
  return /[\u2028\u2029]/.test(char) ? [chip, plain('\n')] : [chip];
}

/** A link as text with its host set apart; it can never be followed (row H2). */
function link(found: string): Piece {
  const authority = /^(\w+:\/\/(?:[^/?#]*@)?)([^/?#:]+)(.*)$/su.exec(found);
  if (authority === null) return { type: 'link', before: found, host: '', after: '', ascii: null };
  const [, before = '', host = '', after = ''] = authority;
  return { type: 'link', before, host, after, ascii: asciiHost(host) };
}

/** The name that the network would be asked for, where it is another than the one shown. */
function asciiHost(host: string): string | null {
  try {
    const real = new URL(`http://${host}`).hostname;
    return real === host.toLowerCase() ? null : real;
  } catch {
    return null;
  }
}

/** A text without what is hidden in it, for places that can only show plain text. */
export function plainText(text: string): string {
  const shown = readText(text).pieces.map((piece) => {
    if (piece.type === 'text') return piece.text;
    return piece.type === 'link' ? piece.before + piece.host + piece.after : '';
  });
  return shown.join('');
}

/** A text for places that can only show plain text, with what is hidden in it written out: two names never look alike. */
export function spelled(text: string): string {
  const shown = readText(text).pieces.map((piece) => {
    if (piece.type === 'text') return piece.text;
    return piece.type === 'link' ? piece.before + piece.host + piece.after : `[${piece.label}]`;
  });
  return shown.join('');
}

export function count(many: number, word: string): string {
  return `${many.toLocaleString('en')} ${word}${many === 1 ? '' : 's'}`;
}

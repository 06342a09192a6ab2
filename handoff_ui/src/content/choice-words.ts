import { hiddenIn } from './hidden-in';
import { humanise } from './humanise';
import { spelled } from './reading';

/** Letters of other scripts that look like these Latin ones. */
const TWINS = new Map(
  [
    'aаα',
    'bв',
    'cсϲ',
    'eеε',
    'hнһ',
    'iіιı',
    'jјϳ',
    'kкκ',
    'mм',
    'oоοо',
    'pрρ',
    'sѕ',
    'tтτ',
    'uυ',
    'vν',
    'wԝ',
    'xхχ',
    'yуγ',
  ].flatMap(([latin = '', ...others]) => others.map((other): [string, string] => [other, latin])),
);

/** What two words have in common that a person cannot tell apart. */
function lookOf(value: string): string {
  const letters = value
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '');
  return [...letters].map((letter) => TWINS.get(letter) ?? letter).join('');
}

/** Every character that could be mistaken for another, by its number. */
function exactly(value: string): string {
  const number = (char: string): string =>
    `U+${(char.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`;
  return `“${value.replace(/[^\x20-\x7e]/gu, (char) => `[${number(char)}]`).replaceAll(' ', '␣')}”`;
}

/** The options of a list as words; those that look like another one, or hide something, as they are written exactly. */
export function choiceWords(values: readonly string[]): { value: string; label: string }[] {
  const looks = values.map(lookOf);
  return values.map((value, at) => {
    const { hidden, gaps } = hiddenIn(value);
    const alike = looks.filter((look) => look === looks[at]).length > 1;
    return { value, label: hidden + gaps > 0 || alike ? exactly(value) : spelled(humanise(value)) };
  });
}

import { describe, expect, it } from 'vitest';
import { hiddenIn } from './hidden-in';
import { readText } from './reading';

const shown = (text: string): string =>
  readText(text)
    .pieces.map((piece) => {
      if (piece.type === 'text') return piece.text;
      if (piece.type === 'link')
        return `<${piece.before}*${piece.host}*${piece.after}${piece.ascii ? ` =${piece.ascii}` : ''}>`;
      return `[${piece.label}]`;
    })
    .join('');

describe('H3: what is invisible becomes visible', () => {
  it.each([
    ['a\u200Bb', 'a[zero-width space]b'],
    ['a\u200B\u200B\u200Bb', 'a[3 × zero-width space]b'],
    ['\u202Etxt.exe\u202C', '[right-to-left override]txt.exe[end of direction change]'],
    ['\u2066x\u2069', '[left-to-right isolate]x[end of isolate]'],
    ['so\u00ADft', 'so[soft hyphen]ft'],
    ['\uFEFFx', '[zero-width no-break space]x'],
    ['a\u3164b', 'a[Hangul filler]b'],
    ['a\u2800b', 'a[blank Braille]b'],
    ['a\u0007b', 'a[U+0007]b'],
    ['a\uE000b', 'a[U+E000]b'],
    ['a\uFE01\uFE02b', 'a[2 variation selectors]b'],
    ['a\u{E0100}b', 'a[1 variation selector]b'],
    ['line\u2028break', 'line[line separator]\nbreak'],
    ['a\rb', 'a[carriage return]b'],
    ['\uD800x', '[U+D800]x'],
  ])('%j', (text, expected) => expect(shown(text)).toBe(expected));

  it('spells out text that is hidden in tag characters', () => {
    const tags = [...'wire 4000'].map((char) => String.fromCodePoint(0xe0000 + char.charCodeAt(0))).join('');
    expect(shown(`ok${tags}.`)).toBe('ok[hidden text “wire 4000”].');
    expect(readText(`ok${tags}.`).hidden).toBe(9);
  });

  it('names letters that imitate Latin ones, and leaves honest words of other scripts alone', () => {
    expect(shown('аdmin')).toBe('[Cyrillic а]dmin');
    expect(shown('pαypal')).toBe('p[Greek α]ypal');
    expect(shown('Привет, мир. Καλημέρα. 5 μm, Δt')).toBe('Привет, мир. Καλημέρα. 5 μm, Δt');
  });

  it.each(['❤️ 👍🏽 👩‍💻 👨‍👩‍👧 🇩🇪 1️⃣ #️⃣', 'می‌خواهم', 'क्‍ष', 'Größe – “naïve” e\u0301', 'אבג שלום', '日本語'])(
    'leaves %s as it is',
    (text) => expect(readText(text)).toMatchObject({ hidden: 0, gaps: 0 }),
  );

  it('counts stacked marks instead of letting them paint over the page', () => {
    expect(shown(`Z${'\u0300'.repeat(40)}a`)).toBe('Z[40 stacked marks]a');
    expect(shown('e\u0302\u0301')).toBe('e\u0302\u0301');
  });
});

describe('H4: nothing hides behind empty space', () => {
  it('collapses ten thousand empty lines to a counted chip', () => {
    const reading = readText(`before${'\n'.repeat(10_001)}after`);
    expect(reading.gaps).toBe(1);
    expect(shown(`before${'\n'.repeat(10_001)}after`)).toBe('before[10,000 empty lines left out]after');
  });
  it('does so for lines of blanks, of \\r\\n, and of zero-width characters, which it counts', () => {
    expect(shown(`a${' \t\u00A0\n'.repeat(50)}b`)).toBe('a[49 empty lines left out]b');
    expect(shown(`a${'\r\n'.repeat(50)}b`)).toBe('a[49 empty lines left out]b');
    expect(readText(`a${'\u200B\n'.repeat(50)}b`)).toMatchObject({ gaps: 1, hidden: 50 });
  });
  it('collapses long runs of spaces, and leaves ordinary paragraphs alone', () => {
    expect(shown(`a${' '.repeat(500)}b`)).toBe('a[500 spaces left out]b');
    expect(shown('one\n\n\ntwo\n    indented')).toBe('one\n\n\ntwo\n    indented');
  });
});

describe('H2: links are inert and show where they would lead', () => {
  it.each([
    ['https://bank.example.evil.test/login', '<https://*bank.example.evil.test*/login>'],
    ['see http://a.test.', 'see <http://*a.test*>.'],
    ['https://user:pw@evil.test/x', '<https://user:pw@*evil.test*/x>'],
    ['https://nоrd.example/', '<https://*nоrd.example*/ =xn--nrd-sed.example>'],
    ['javascript:alert(1)', '<javascript:alert(1**>)'],
  ])('%s', (text, expected) => expect(shown(text)).toBe(expected));
});

describe('robustness', () => {
  it('keeps every visible character of a text', () => {
    const text = 'Dear Sir,\n\n“42 %” of 1,000 — ok? <b>no</b> & \\ `x` $y {z} [w] *v* _u_ ~t~ ^s^ |r|\n';
    expect(shown(text)).toBe(text);
  });
  it('reads a megabyte whole, and comes to an end', () => {
    const text = 'The quick brown fox, 12 times; jumps\u00A0over.\n'.repeat(24_000);
    expect(readText(text)).toBeDefined();
  }, 30_000);
  it('finds what is hidden anywhere in a value, in keys too', () => {
    expect(hiddenIn({ ok: ['x', { 'am\u200Bount': 'a\u200B\u200Bb' }], n: 1, t: null })).toEqual({
      hidden: 3,
      gaps: 0,
    });
  });
});

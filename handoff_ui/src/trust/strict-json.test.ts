import { describe, expect, it } from 'vitest';
import { decodeBase64url, encodeBase64url } from './base64url';
import { canonical, sameJson } from './canonical';
import { JsonRefused, parseStrict } from './strict-json';

const read = (text: string, depth = 32) => parseStrict(new TextEncoder().encode(text), { depth });
const faultOf = (text: string): string => {
  try {
    read(text);
    return 'read';
  } catch (error) {
    return error instanceof JsonRefused ? error.code : String(error);
  }
};

describe('J7: JSON is read in one way or not at all', () => {
  it.each([
    ['{"a":1,"a":1}', 'duplicate_member'],
    ['{"a":1,"\\u0061":1}', 'duplicate_member'],
    ['[{"b":{"c":1,"c":2}}]', 'duplicate_member'],
    ['["\\ud800"]', 'lone_surrogate'],
    ['{"\\udfff":1}', 'lone_surrogate'],
    ['[1e400]', 'number_not_exact'],
    ['[1e-400]', 'number_not_exact'],
    ['[9007199254740993]', 'number_not_exact'],
    ['[0e99999999999999999999]', 'number_not_exact'],
    ['\uFEFF{}', 'invalid_json'],
    ['[01]', 'invalid_json'],
    ['{}{}', 'invalid_json'],
    ['', 'invalid_json'],
  ])('%s → %s', (text, fault) => expect(faultOf(text)).toBe(fault));

  it.each([
    '{"a":1,"b":{"a":1}}',
    '["a","a"]',
    '{"a":"\\"b\\":1,\\"b\\":2"}',
    '[0.1,1.50,-0,1e3,1E+2,123456789012345680000]',
    '["\\ud83d\\udc4d"]',
  ])('%s is read as JSON.parse reads it', (text) => expect(read(text)).toEqual(JSON.parse(text)));

  it('counts depth, and not the brackets in texts', () => {
    expect(faultOf(`${'['.repeat(33)}${']'.repeat(33)}`)).toBe('too_deep');
    expect(read(JSON.stringify('['.repeat(99)))).toBe('['.repeat(99));
  });

  it('keeps __proto__ an ordinary member', () => {
    const value = read('{"__proto__":{"admin":true}}') as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(value.admin).toBeUndefined();
  });
});

describe('J7: base64url has one text for some bytes', () => {
  it.each(['', 'A', 'AAAAA', 'AA=', 'AA==', 'A+', 'A/', 'AB', 'AAB', ' AA', 'AA\n'])('%j is none', (text) =>
    expect(decodeBase64url(text)).toBeNull(),
  );
  it('reads what it writes', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    expect(decodeBase64url(encodeBase64url(bytes))).toEqual(bytes);
  });
});

describe('RFC 8785', () => {
  it('gives the bytes of the example in section 3.2.3 and sorts by UTF-16 units', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew',
      '1': 'One',
      '\ud83d\ude00': 'Emoji',
      '\u0080': 'Control',
      '\u00f6': 'o',
    };
    expect(canonical(value)).toBe(
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"o","€":"Euro Sign","😀":"Emoji","\ufb33":"Hebrew"}',
    );
  });
  it('writes numbers as ECMAScript does', () => {
    expect(canonical([1e30, 4.5, 2e-3, 1e-27, -0, 333333333.3333333])).toBe(
      '[1e+30,4.5,0.002,1e-27,0,333333333.3333333]',
    );
  });
  it('finds values equal whatever the order of their members', () => {
    expect(sameJson({ a: 1, b: [1, { c: 2, d: 3 }] }, { b: [1, { d: 3, c: 2 }], a: 1 })).toBe(true);
    expect(sameJson({ a: '1' }, { a: 1 })).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import type { Json } from '../trust/strict-json';
import { fieldsOf, isLongText, tableColumns } from './display';
import { blankLike, controlFor, parseNumber } from './edit';
import { humanise } from './humanise';
import { isWithin, joinPointer, parsePointer, valueAt, withValueAt } from './pointer';

const NONE = new Set<string>();

describe('display: which fields are shown, under which labels', () => {
  it('turns keys into labels when the workflow names nothing, short values first', () => {
    const { shown, others } = fieldsOf('request', { body: 'x'.repeat(200), customer_id: 7, subject: 'Hi' }, [], NONE);
    expect(shown.map(({ label }) => label)).toEqual(['Customer ID', 'Subject', 'Body']);
    expect(others).toEqual([]);
  });
  it('keeps order and labels of the workflow, and what it did not name within reach', () => {
    const value = { total: 3, lines: [{ a: 1 }], secret_flag: true };
    const display = [
      { label: 'Lines', path: '/model_output/lines', kind: 'table' as const },
      { label: 'Sum', path: '/model_output/total', kind: 'number' as const },
      { label: 'Elsewhere', path: '/request/x', kind: 'text' as const },
    ];
    const { shown, others } = fieldsOf('model_output', value, display, NONE);
    expect(shown.map(({ label, kind }) => [label, kind])).toEqual([
      ['Lines', 'table'],
      ['Sum', 'number'],
    ]);
    expect(others.map(({ pointer }) => pointer)).toEqual(['/model_output/secret_flag']);
  });
  it('shows a named place that the item lacks as missing, not as empty', () => {
    const { shown } = fieldsOf('request', { a: null }, [{ label: 'B', path: '/request/b', kind: 'text' }], NONE);
    expect(shown[0]?.value).toBeUndefined();
  });
  it('a part of the whole that is named deeper stays within reach as a whole', () => {
    const { others } = fieldsOf(
      'request',
      { a: { b: 1, c: 2 } },
      [{ label: 'B', path: '/request/a/b', kind: 'text' }],
      NONE,
    );
    expect(others.map(({ pointer }) => pointer)).toEqual(['/request/a']);
  });
  it('shows a bare value as one field without a label', () => {
    expect(fieldsOf('model_output', 'hello', [], NONE).shown).toMatchObject([
      { label: '', pointer: '/model_output', value: 'hello' },
    ]);
  });
  it('places a value that is not loaded yet where it will stand', () => {
    const large = new Set(['/request/body']);
    const { shown } = fieldsOf('request', { body: null, from: 'x' }, [], large);
    expect(shown.map(({ label }) => label)).toEqual(['From', 'Body']);
  });
  it('reads lists of objects as tables, and nothing else', () => {
    expect(tableColumns([{ a: 1 }, { b: 2 }])).toEqual(['a', 'b']);
    for (const value of [[], [1], [{ a: 1 }, 2], [[1]], 'x', { a: 1 }, [{}]])
      expect(tableColumns(value as Json)).toBeNull();
  });
  it.each([
    ['invoiceTotal_eur', 'Invoice total EUR'],
    ['customer-id', 'Customer ID'],
    ['URL', 'URL'],
    ['größe', 'Größe'],
    ['', ''],
    ['__', '__'],
  ])('%s → %s', (key, label) => expect(humanise(key)).toBe(label));
});

describe('pointers', () => {
  it('follow RFC 6901', () => {
    expect(parsePointer('/model_output/a~1b/~01')).toEqual(['model_output', 'a/b', '~1']);
    expect(joinPointer('/request', 'a/b~')).toBe('/request/a~1b~0');
    expect(isWithin('/a/b', '/a')).toBe(true);
    expect(isWithin('/ab', '/a')).toBe(false);
  });
  it('reach own members only', () => {
    expect(valueAt({}, ['constructor'])).toBeUndefined();
    expect(valueAt({ a: [1, 2] }, ['a', '1'])).toBe(2);
    expect(valueAt({ a: [1, 2] }, ['a', 'length'])).toBeUndefined();
  });
  it('change one place and share the rest, __proto__ being a place like any other', () => {
    const before = JSON.parse('{"a":{"b":1},"__proto__":{"c":2},"d":[1,2]}') as Json;
    const after = withValueAt(before, ['__proto__', 'c'], 9);
    expect(JSON.stringify(after)).toBe('{"a":{"b":1},"__proto__":{"c":9},"d":[1,2]}');
    expect(JSON.stringify(before)).toContain('"c":2');
    expect(withValueAt(before, ['d', '1'], 'x')).toMatchObject({ d: [1, 'x'] });
  });
});

describe('editing keeps types', () => {
  it.each([
    ['short', 'line'],
    ['a\nb', 'lines'],
    ['a\rb', 'lines'],
    [1, 'number'],
    [true, 'yes_no'],
    [null, 'empty'],
    [[1], 'list'],
    [{ a: 1 }, 'group'],
  ])('%j gets the control %s', (value, control) => expect(controlFor(value as Json, isLongText)).toBe(control));

  it.each([
    ['12', 12],
    [' -0.5 ', -0.5],
    ['1e3', 1000],
    ['.5', 0.5],
    ['007', 7],
    ['123456789012345', 123456789012345],
  ])('%j is the number %d', (typed, value) => expect(parseNumber(typed)).toBe(value));
  it.each([
    '',
    'abc',
    '1,234',
    '1.234,5',
    '12 EUR',
    '0x10',
    'NaN',
    'Infinity',
    '1e999',
    '--1',
    '1234567890123456789',
    '0.12345678901234567',
  ])('%j is none', (typed) => expect(parseNumber(typed)).toBeNull());
  it('starts a new entry in the shape of the others', () => {
    expect(blankLike({ sku: 'x', n: 4, ok: true, tags: ['a'], none: null })).toEqual({
      sku: '',
      n: 0,
      ok: false,
      tags: [],
      none: null,
    });
    expect(blankLike(undefined)).toBe('');
  });
});

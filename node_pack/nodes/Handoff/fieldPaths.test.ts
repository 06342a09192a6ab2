import { expect, it } from 'vitest';

import { omit, pick, replaceFields, splitNames, valueAt } from './fieldPaths';

const ITEM = { id: 1, mail: { from: 'a@example.com', body: { text: 'Hi' } }, 'a.b': 'dotted' };

it('names come from commas and lines, without the empty ones', () => {
	expect(splitNames(' summary, mail.from,\n x ,')).toEqual(['summary', 'mail.from', 'x']);
});

it('a path leads into nested fields; a key that has the dots itself wins', () => {
	expect(valueAt(ITEM, 'mail.body.text')).toBe('Hi');
	expect(valueAt(ITEM, 'a.b')).toBe('dotted');
	expect(valueAt(ITEM, 'mail.to')).toBeUndefined();
	expect(valueAt(ITEM, 'id.x')).toBeUndefined();
	expect(valueAt(ITEM, 'constructor.name')).toBeUndefined();
});

it('picking and omitting part an item in two, nesting kept', () => {
	const paths = ['mail.body.text', 'a.b'];
	expect(pick(ITEM, paths)).toEqual({ mail: { body: { text: 'Hi' } }, 'a.b': 'dotted' });
	expect(omit(ITEM, paths)).toEqual({ id: 1, mail: { from: 'a@example.com' } });
});

it('an edit replaces the named fields and removes those that it removed', () => {
	const edited = { mail: { body: { text: 'Hello' } } };
	expect(replaceFields(ITEM, ['mail.body.text', 'a.b'], edited)).toEqual({
		id: 1,
		mail: { from: 'a@example.com', body: { text: 'Hello' } },
	});
});

it('no path changes what it was given, or a prototype', () => {
	const hostile = JSON.parse('{"__proto__": {"polluted": true}}');
	const result = replaceFields({}, ['__proto__'], hostile);
	expect(Object.hasOwn(result, '__proto__')).toBe(true);
	expect(({} as Record<string, unknown>).polluted).toBeUndefined();
	expect(ITEM.mail.body.text).toBe('Hi');
});

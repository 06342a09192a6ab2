import { describe, expect, it } from 'vitest';

import { canonicalize, digestOf, NotCanonicalError, plainJson } from './canonical';

/** A double from its 64 bits in hex, as RFC 8785 Appendix B gives them. */
function fromBits(hex: string): number {
	return Buffer.from(hex, 'hex').readDoubleBE();
}

describe('canonical JSON is the one text that RFC 8785 prescribes', () => {
	it('writes the example of section 3.2.2 as section 3.2.4 does', () => {
		const source =
			'{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001], "string": "\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/", "literals": [null, true, false]}';
		expect(Buffer.from(canonicalize(JSON.parse(source)), 'utf8').toString('hex')).toBe(
			'7b226c69746572616c73223a5b6e756c6c2c747275652c66616c73655d2c226e756d62657273223a5b3333333333333333332e333333333333332c31652b33302c342e352c302e3030322c31652d32375d2c22737472696e67223a22e282ac245c75303030665c6e4127425c225c5c5c5c5c222f227d',
		);
	});

	it('sorts keys by UTF-16 code units, as in section 3.2.3', () => {
		const source =
			'{"\\u20ac": "Euro Sign", "\\r": "Carriage Return", "\\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One", "\\ud83d\\ude00": "Emoji: Grinning Face", "\\u0080": "Control", "\\u00f6": "Latin Small Letter O With Diaeresis"}';
		expect(canonicalize(JSON.parse(source)).match(/:"[^"]*"/g)).toEqual([
			':"Carriage Return"',
			':"One"',
			':"Control"',
			':"Latin Small Letter O With Diaeresis"',
			':"Euro Sign"',
			':"Emoji: Grinning Face"',
			':"Hebrew Letter Dalet With Dagesh"',
		]);
	});

	it.each([
		['0000000000000000', '0'],
		['8000000000000000', '0'],
		['0000000000000001', '5e-324'],
		['8000000000000001', '-5e-324'],
		['7fefffffffffffff', '1.7976931348623157e+308'],
		['ffefffffffffffff', '-1.7976931348623157e+308'],
		['4340000000000000', '9007199254740992'],
		['c340000000000000', '-9007199254740992'],
		['4430000000000000', '295147905179352830000'],
		['44b52d02c7e14af5', '9.999999999999997e+22'],
		['44b52d02c7e14af6', '1e+23'],
		['44b52d02c7e14af7', '1.0000000000000001e+23'],
		['444b1ae4d6e2ef4e', '999999999999999700000'],
		['444b1ae4d6e2ef4f', '999999999999999900000'],
		['444b1ae4d6e2ef50', '1e+21'],
		['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
		['3eb0c6f7a0b5ed8d', '0.000001'],
		['41b3de4355555553', '333333333.3333332'],
		['41b3de4355555554', '333333333.33333325'],
		['41b3de4355555555', '333333333.3333333'],
		['41b3de4355555556', '333333333.3333334'],
		['41b3de4355555557', '333333333.33333343'],
		['becbf647612f3696', '-0.0000033333333333333333'],
		['43143ff3c1cb0959', '1424953923781206.2'],
	])('writes the double %s of Appendix B as %s', (bits, text) => {
		expect(canonicalize(fromBits(bits))).toBe(text);
	});

	it('has a digest that a Python implementation of the RFC computes too', () => {
		// From the PyPI package rfc8785 0.1.4.
		expect(digestOf({ b: [1, 2.5, 'é'], a: { '': null, '\u{1f600}': true } })).toBe(
			'sha256:43da1ebb5942c2e55e6dfb0a788b2aa87ca5a8eeb8ef8aae9bef54f6d44d39d9',
		);
	});
});

describe('what JSON cannot carry is refused with the place where it stands', () => {
	it.each([
		['a lone surrogate in a text', { a: ['ok', 'cut \ud83d'] }, '/a/1'],
		['a lone surrogate in a key', { 'x/\udc00': 1 }, '/x~1\udc00'],
		['NaN', { n: { m: Number.NaN } }, '/n/m'],
		['infinity', [fromBits('7ff0000000000000')], '/0'],
		['undefined', { a: undefined }, '/a'],
		['a BigInt', { 'a~b': 1n }, '/a~0b'],
	])('%s', (_, value, path) => {
		expect(() => canonicalize(value)).toThrow(NotCanonicalError);
		expect(() => canonicalize(value)).toThrow(expect.objectContaining({ path }));
	});
});

it('plain JSON is what the request will carry: dates as text, nothing undefined', () => {
	expect(plainJson({ at: new Date(0), gone: undefined, list: [undefined] })).toEqual({
		at: '1970-01-01T00:00:00.000Z',
		list: [null],
	});
	expect(plainJson(undefined)).toBeNull();
});

it('a key named __proto__ is a key like any other', () => {
	expect(canonicalize(JSON.parse('{"__proto__":{"a":1},"a":2}'))).toBe(
		'{"__proto__":{"a":1},"a":2}',
	);
});

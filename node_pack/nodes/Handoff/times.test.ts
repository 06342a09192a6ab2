import { expect, it } from 'vitest';

import { instantOf, secondsIn } from './times';

it.each([
	[45, 'minutes', 2_700],
	[1.5, 'hours', 5_400],
	[2, 'days', 172_800],
	[1, 'fortnights', Number.NaN],
])('%s %s are %s seconds', (amount, unit, seconds) => {
	expect(secondsIn(amount, unit)).toBe(seconds);
});

it.each([
	['2026-12-24T18:00:00', '2026-12-24T17:00:00.000Z'],
	['2026-07-01T18:00:00', '2026-07-01T16:00:00.000Z'],
	['2026-12-24', '2026-12-23T23:00:00.000Z'],
	['2026-12-24 18:00', '2026-12-24T17:00:00.000Z'],
	['2026-12-24T18:00:00Z', '2026-12-24T18:00:00.000Z'],
	['2026-12-24T18:00:00.000-05:00', '2026-12-24T23:00:00.000Z'],
	// The hour before the clocks go back, and the one after they went forward.
	['2026-10-25T01:30:00', '2026-10-24T23:30:00.000Z'],
	['2026-03-29T03:30:00', '2026-03-29T01:30:00.000Z'],
])('in Berlin, %s is the instant %s', (text, instant) => {
	expect(new Date(instantOf(text, 'Europe/Berlin')).toISOString()).toBe(instant);
});

it('a date object is an instant of its own', () => {
	expect(instantOf(new Date(86_400_000), 'Europe/Berlin')).toBe(86_400_000);
});

it.each(['', 'tomorrow', '24.12.2026', null, undefined, 7])('%j is no date', (value) => {
	expect(instantOf(value, 'Europe/Berlin')).toBeNaN();
});

const SECONDS_PER_UNIT: Record<string, number> = { minutes: 60, hours: 3600, days: 86_400 };

/** Whole seconds in "45 minutes", "1.5 hours" and the like; `NaN` for an unknown unit. */
export function secondsIn(amount: number, unit: string): number {
	return Math.round(amount * (SECONDS_PER_UNIT[unit] ?? Number.NaN));
}

/**
 * Milliseconds since 1970 of a date and time as n8n gives it: ISO 8601 text or a date object.
 * Text without an offset is read in the workflow's time zone, as the builder reads it in the panel.
 * Returns `NaN` for what is not a date.
 */
export function instantOf(value: unknown, timeZone: string): number {
	const text = String(JSON.parse(JSON.stringify(value ?? '')));
	const hasOffset = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text);
	if (hasOffset || !/^\d{4}-\d{2}-\d{2}/.test(text))
		return hasOffset ? Date.parse(text) : Number.NaN;
	const asIfUtc = Date.parse(`${text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T')}Z`);
	if (Number.isNaN(asIfUtc)) return Number.NaN;
	// Twice, because the first guess may lie on the other side of a change to or from summer time.
	const guess = asIfUtc - offsetMs(asIfUtc, timeZone);
	return asIfUtc - offsetMs(guess, timeZone);
}

/** How far the wall clock of a zone is ahead of UTC at an instant. */
function offsetMs(instant: number, timeZone: string): number {
	const parts = new Intl.DateTimeFormat('en-US', {
		timeZone,
		hourCycle: 'h23',
		year: 'numeric',
		month: 'numeric',
		day: 'numeric',
		hour: 'numeric',
		minute: 'numeric',
		second: 'numeric',
	}).formatToParts(instant);
	const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
	const wallClock = Date.UTC(
		part('year'),
		part('month') - 1,
		part('day'),
		part('hour'),
		part('minute'),
		part('second'),
	);
	return wallClock - Math.floor(instant / 1000) * 1000;
}

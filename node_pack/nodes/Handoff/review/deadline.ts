import type { IExecuteFunctions } from 'n8n-workflow';

import { unusable } from '../errors';
import { instantOf, secondsIn } from '../times';

/**
 * Limit Wait Time in seconds from now, or `undefined` when the policy's limit holds.
 *
 * Worked out once for an idempotency key and kept with the execution: a second try of the same run must send the
 * same body, or the companion refuses the reused key.
 */
export function expiresInSeconds(context: IExecuteFunctions, key: string): number | undefined {
	if (context.getNodeParameter('limitWaitTime', 0, false) !== true) return undefined;
	const kept = context.getContext('node').deadline as { key: string; seconds: number } | undefined;
	if (kept?.key === key) return kept.seconds;

	const seconds =
		context.getNodeParameter('limitType', 0, 'afterTimeInterval') === 'atSpecifiedTime'
			? secondsUntil(context, context.getNodeParameter('maxDateAndTime', 0, ''))
			: secondsIn(
					Number(context.getNodeParameter('resumeAmount', 0, 24)),
					String(context.getNodeParameter('resumeUnit', 0, 'hours')),
				);
	if (!(seconds >= 1)) {
		throw unusable(
			context.getNode(),
			'The wait would be over before it begins',
			'Under "Limit Wait Time", set an amount above 0, or a date and time that lies ahead.',
		);
	}
	context.getContext('node').deadline = { key, seconds };
	return seconds;
}

function secondsUntil(context: IExecuteFunctions, value: unknown): number {
	const instant = instantOf(value, context.getTimezone());
	if (Number.isNaN(instant)) {
		throw unusable(
			context.getNode(),
			'"Max Date and Time" is not a date',
			'Choose a date and time, or give one as 2026-12-24T18:00:00.',
		);
	}
	return Math.round((instant - Date.now()) / 1000);
}

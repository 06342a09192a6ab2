import type { IExecuteFunctions } from 'n8n-workflow';

import type { JsonObject } from '../../Handoff/canonical';
import { unusable } from '../../Handoff/errors';
import { text } from '../../Handoff/fieldValues';

/** A number of the panel, and what the API calls it. */
const THRESHOLDS = [
	['reviewBelowConfidence', 'review_below_confidence', 'Review Below Confidence', 0.85],
	[
		'synchronousBelowConfidence',
		'synchronous_below_confidence',
		'Synchronous Below Confidence',
		0.6,
	],
	['reviewAboveRisk', 'review_above_risk', 'Review Above Risk', 0.6],
	['synchronousFromRisk', 'synchronous_from_risk', 'Synchronous From Risk', 0.9],
] as const;

const MINUTES_OF_A_YEAR = 365 * 24 * 60;

/** The panel's numbers for one item, or `null` where the stored policy decides. */
export function readSettings(context: IExecuteFunctions, itemIndex: number): JsonObject | null {
	if (context.getNodeParameter('decideBy', itemIndex, 'settings') === 'policy') return null;
	const read = (name: string, label: string, fallback: number, most: number) =>
		number(
			context,
			itemIndex,
			label,
			context.getNodeParameter(name, itemIndex, fallback) as unknown,
			most,
		);
	const thresholds = Object.fromEntries(
		THRESHOLDS.map(([name, apiName, label, fallback]) => [apiName, read(name, label, fallback, 1)]),
	);
	const queue = text(context.getNodeParameter('queue', itemIndex, ''));
	return {
		thresholds,
		sampling_rate: read('samplingRate', 'Sampling Rate (%)', 5, 100) / 100,
		sla_minutes: read('slaMinutes', 'SLA (Minutes)', 240, MINUTES_OF_A_YEAR),
		...(queue === undefined ? {} : { queue }),
	};
}

/** A threshold that cannot be read must not quietly become another one: that could let items pass unseen. */
function number(
	context: IExecuteFunctions,
	itemIndex: number,
	label: string,
	value: unknown,
	most: number,
): number {
	const found = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
	if (typeof found === 'number' && found >= 0 && found <= most) return found;
	throw unusable(
		context.getNode(),
		`${label} is ${value === '' || value === undefined ? 'empty' : String(value)}, but must be a number from 0 to ${most}`,
		found === undefined || most !== 1 || !(Number(found) > 1 && Number(found) <= 100)
			? 'Enter the number, or choose Decide By: Stored Policy.'
			: `If it is a percentage, divide it by 100: ${Number(found) / 100}.`,
		itemIndex,
	);
}

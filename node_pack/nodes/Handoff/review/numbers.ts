import type { IExecuteFunctions } from 'n8n-workflow';

import { unusable } from '../errors';

/**
 * A number from 0 to 1 out of a setting, or `undefined` when there is none.
 *
 * Text that is no number counts as none, with a hint in the editor: the case goes to a person either way, and
 * is shown as one whose confidence is unknown. A number outside the range is an error, because 61 might mean 0.61.
 */
export function unitNumber(
	context: IExecuteFunctions,
	setting: string,
	value: unknown,
	itemIndex: number,
): number | undefined {
	if (value === null || value === undefined || value === '') return undefined;
	const number = typeof value === 'string' ? Number(value.trim().replace(',', '.')) : value;
	if (typeof number !== 'number' || !Number.isFinite(number)) {
		context.addExecutionHints({
			message: `${setting} of item ${itemIndex} is not a number ("${String(value)}"), so it was sent as unknown.`,
			location: 'outputPane',
		});
		return undefined;
	}
	if (number < 0 || number > 1) {
		throw unusable(
			context.getNode(),
			`${setting} is ${number}, but must be from 0 to 1`,
			number > 1 && number <= 100
				? `If it is a percentage, divide it by 100: ${number / 100}.`
				: 'Check which field it is read from.',
			itemIndex,
		);
	}
	return number;
}

/** The expected value at stake, or `undefined` when there is none or it cannot be read; then it counts as unknown. */
export function amountOf(
	context: IExecuteFunctions,
	value: unknown,
	itemIndex: number,
): number | undefined {
	if (value === null || value === undefined || value === '') return undefined;
	const number = typeof value === 'string' ? Number(value.trim()) : value;
	if (typeof number === 'number' && Number.isFinite(number) && number >= 0) return number;
	context.addExecutionHints({
		message: `Amount of item ${itemIndex} is not a number from 0 on ("${String(value)}"), so it was sent as unknown.`,
		location: 'outputPane',
	});
	return undefined;
}

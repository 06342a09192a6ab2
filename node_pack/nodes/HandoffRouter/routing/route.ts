import type {
	IDataObject,
	IExecuteFunctions,
	NodeApiError,
	NodeOperationError,
} from 'n8n-workflow';

import type { JsonObject } from '../../Handoff/canonical';
import { asNodeError, codeOf, isAway, unusable } from '../../Handoff/errors';
import { idempotencyKey } from '../../Handoff/review/idempotencyKey';
import { callCompanion } from '../../Handoff/transport';
import { recordsOf } from './answer';
import { batchesOf, type Batch, type Sendable } from './batches';
import { readItem } from './readItem';
import { readSettings } from './readSettings';
import { isTaken, unevaluatedRecord } from './record';

export type Failure = NodeApiError | NodeOperationError;

/** What became of each item, by its place in the input: a record, or an error that the node may go on after. */
export interface Routed {
	records: Map<number, JsonObject>;
	failures: Map<number, Failure>;
	/** What was left out of an item because it could not be read, in words. */
	remarks: Map<number, string>;
}

/** Has every item of this run evaluated. Throws what stops the node. */
export async function routeItems(context: IExecuteFunctions, field: string): Promise<Routed> {
	const routed: Routed = { records: new Map(), failures: new Map(), remarks: new Map() };
	const key = idempotencyKey(context);
	const mayFail = context.getNodeParameter('whenUnreachable', 0, 'synchronous') === 'fail';
	let away: Failure | null = null;
	for (const [number, batch] of batchesOf(sendables(context, field, routed)).entries()) {
		try {
			// Once it was tried long enough and nobody answered, the other batches need not wait as long again.
			if (away !== null) throw away;
			await evaluate(context, batch, `${key}:routes-${number}`, routed);
		} catch (error) {
			const failure = asNodeError(context.getNode(), error);
			if (codeOf(failure) === 'paused') {
				// A repeated run meets a pause that came after the first: nothing goes through by itself now.
				const words = `Automatic decisions are paused, so a person decides. ${inWords(failure)}`;
				const record = unevaluatedRecord('paused', words);
				for (const { index } of batch.items) routed.records.set(index, record);
			} else if (!isAway(failure) || mayFail) {
				if (!context.continueOnFail()) throw failure;
				for (const { index } of batch.items) routed.failures.set(index, failure);
			} else {
				const words = `Nobody could evaluate this item, so a person decides. ${inWords(failure)}`;
				const record = unevaluatedRecord('companion_unreachable', words);
				for (const { index } of batch.items) routed.records.set(index, record);
			}
			if (isAway(failure)) away = failure;
		}
	}
	return routed;
}

/** What an error says, with how to mend it. */
export function inWords({ message, description }: Failure): string {
	return description ? `${message}. ${description}` : message;
}

/** The items that can be sent; the others have their record or failure already. */
function sendables(context: IExecuteFunctions, field: string, routed: Routed): Sendable[] {
	const found: Sendable[] = [];
	for (const [index, { json }] of context.getInputData().entries()) {
		try {
			refuseTakenField(context, json, field, index);
			const settings = readSettings(context, index);
			const { body, problem, remark } = readItem(context, index, itemId(context, index));
			if (remark !== null) routed.remarks.set(index, remark);
			if (problem === null) {
				found.push({ index, body, settings });
			} else {
				const words = `This item could not be evaluated, so a person decides. ${problem}`;
				routed.records.set(index, unevaluatedRecord('item_unusable', words));
			}
		} catch (error) {
			const failure = asNodeError(context.getNode(), error, index);
			if (!context.continueOnFail()) throw failure;
			routed.failures.set(index, failure);
		}
	}
	return found;
}

async function evaluate(
	context: IExecuteFunctions,
	{ settings, items }: Batch,
	idempotencyKey: string,
	routed: Routed,
): Promise<void> {
	const indices = items.map(({ index }) => index);
	const answer = await callCompanion(context, {
		method: 'POST',
		path: '/v1/routes',
		idempotencyKey,
		indices,
		body: { items: items.map(({ body }) => body), settings, open: false } as IDataObject,
	});
	const records = recordsOf(
		answer,
		indices.map((index) => itemId(context, index)),
	);
	for (const [place, index] of indices.entries()) {
		routed.records.set(index, records[place]);
	}
}

function refuseTakenField(
	context: IExecuteFunctions,
	json: IDataObject,
	field: string,
	itemIndex: number,
): void {
	if (!isTaken(json, field)) return;
	throw unusable(
		context.getNode(),
		`The item already has a field "${field}"`,
		'The route would replace it. Choose another name under Options > Put Result in Field.',
		itemIndex,
	);
}

function itemId(context: IExecuteFunctions, itemIndex: number): string {
	return `${context.getExecutionId()}-${itemIndex}`;
}

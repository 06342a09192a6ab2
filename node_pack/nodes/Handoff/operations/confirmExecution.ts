import {
	NodeConnectionTypes,
	updateDisplayOptions,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import {
	canonicalize,
	digestOf,
	isJsonObject,
	parseJson,
	plainJson,
	type Json,
	type JsonObject,
} from '../canonical';
import { asNodeError, unusable } from '../errors';
import { failedItem } from '../failedItem';
import { idempotencyKey } from '../review/idempotencyKey';
import { callCompanion } from '../transport';
import { handoffIdField, handoffPath } from './handoffId';

/**
 * Unconfirmed stands first on purpose: n8n sends items to output 0 when the node is deactivated, and there must be
 * nothing behind it that cannot be undone.
 */
export const outputs = ['Unconfirmed', 'Confirmed'].map((displayName) => ({
	displayName,
	type: NodeConnectionTypes.Main,
}));

export const description: INodeProperties[] = updateDisplayOptions(
	{ show: { operation: ['confirmExecution'] } },
	[
		handoffIdField,
		{
			displayName: 'What Will Be Done',
			name: 'approvedOutput',
			type: 'json',
			required: true,
			default: '={{ $json.handoff.output }}',
			description:
				'What the next node is about to carry out. It must be exactly what was approved. By default what the Handoff node noted as approved; build it of the fields that the next node uses, and a change on the way is noticed.',
		},
	],
);

/**
 * Asks, for each item, whether what was approved may still be done: whether it is approved, its approval was not taken
 * back, and it is what will be done. Only a yes goes on through Confirmed.
 *
 * A no ends the execution; with "On Error: Continue" the item leaves through Unconfirmed.
 */
export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const refused: INodeExecutionData[] = [];
	const confirmed: INodeExecutionData[] = [];
	for (const index of context.getInputData().keys()) {
		try {
			confirmed.push(await confirm(context, index));
		} catch (error) {
			const failure = asNodeError(context.getNode(), error, index);
			if (!context.continueOnFail()) throw failure;
			refused.push(failedItem(context, index, failure));
		}
	}
	return [refused, confirmed];
}

async function confirm(context: IExecuteFunctions, itemIndex: number): Promise<INodeExecutionData> {
	const path = handoffPath(context, itemIndex);
	const output_digest = digestOf(willBeDone(context, itemIndex));
	const answer = await callCompanion(context, {
		method: 'POST',
		path: `${path}/execution`,
		idempotencyKey: `${idempotencyKey(context)}:item-${itemIndex}:execute`,
		itemIndex,
		body: { output_digest },
	});
	// A yes to something else, or half a yes, is none.
	if (
		answer.executed !== true ||
		answer.output_digest !== output_digest ||
		path !== `/v1/handoffs/${encodeURIComponent(String(answer.id))}`
	) {
		throw unusable(
			context.getNode(),
			'The companion answered something else than was asked',
			'Nothing was confirmed. Check that nothing between n8n and the companion changes requests, and that both are up to date.',
			itemIndex,
		);
	}
	const { json, binary } = context.getInputData()[itemIndex];
	const { handoff } = plainJson(json) as JsonObject;
	return {
		json: {
			...json,
			handoff: {
				...(isJsonObject(handoff) ? handoff : {}),
				execution: { id: answer.id, event_id: answer.event_id ?? null, output_digest },
			} as IDataObject,
		},
		...(binary === undefined ? {} : { binary }),
		pairedItem: { item: itemIndex },
	};
}

function willBeDone(context: IExecuteFunctions, itemIndex: number): Json {
	const setting = context.getNodeParameter('approvedOutput', itemIndex, null) as unknown;
	// An object or a list may come as its JSON text; any other text is the output itself, "12" no number.
	const isJsonText = typeof setting === 'string' && /^\s*[[{]/.test(setting);
	const value = plainJson(isJsonText ? (parseJson(setting) ?? setting) : setting);
	if (value === null || value === '') {
		throw unusable(
			context.getNode(),
			'"What Will Be Done" is empty',
			'Nobody approved nothing. An item that came through Approved has it in handoff.output.',
			itemIndex,
		);
	}
	try {
		canonicalize(value);
	} catch (error) {
		throw unusable(
			context.getNode(),
			`"What Will Be Done" cannot be compared: ${(error as Error).message}`,
			'Take it from handoff.output of an item that came through Approved.',
			itemIndex,
		);
	}
	return value;
}

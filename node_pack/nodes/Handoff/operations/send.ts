import {
	updateDisplayOptions,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { omit } from '../fieldPaths';
import {
	addressFields,
	contentFields,
	displayFields,
	modelFields,
	reasonFields,
	supportFields,
} from '../panel/caseFields';
import { limitWaitTimeFields } from '../panel/limitWaitTime';
import { commonOptions, itemOptions, optionsField } from '../panel/options';
import { responseFields } from '../panel/responseFields';
import { expiresInSeconds } from '../review/deadline';
import { idempotencyKey } from '../review/idempotencyKey';
import { readCase } from '../review/readCase';
import { source } from '../review/source';
import { callCompanion } from '../transport';

export const description: INodeProperties[] = updateDisplayOptions(
	{ show: { operation: ['send'] } },
	[
		...addressFields,
		...contentFields,
		...reasonFields,
		...responseFields,
		...limitWaitTimeFields,
		...supportFields,
		...displayFields,
		...modelFields,
		optionsField([...commonOptions, ...itemOptions]),
	],
);

/** Opens one handoff for the item and goes on at once; the answer is read later (Get, Get Many). */
export async function execute(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<INodeExecutionData[]> {
	const key = idempotencyKey(context);
	const expires_in_s = expiresInSeconds(context, key);
	const { body } = await readCase(context, itemIndex);
	const opened = await callCompanion(context, {
		method: 'POST',
		path: '/v1/handoffs',
		idempotencyKey: `${key}:item-${itemIndex}`,
		itemIndex,
		body: {
			...body,
			...(expires_in_s === undefined ? {} : { expires_in_s }),
			source: source(context),
		} as IDataObject,
	});
	// The package token is for systems that verify it; an item is stored and shown, and no place for a token.
	const handoff = omit(opened, ['package_token']);
	// An agent's tool answers the model, which has no use for its own input.
	const isTool = context.getNode().type.endsWith('Tool');
	const item = isTool ? {} : context.getInputData()[itemIndex].json;
	return [{ json: { ...item, handoff } as IDataObject, pairedItem: { item: itemIndex } }];
}

import {
	updateDisplayOptions,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { callCompanion } from '../transport';
import { handoffIdField, handoffPath } from './handoffId';
import { shown, simplifyField } from './simplify';

export const description: INodeProperties[] = updateDisplayOptions(
	{ show: { operation: ['get'] } },
	[handoffIdField, simplifyField],
);

/** One handoff as it stands now. */
export async function execute(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<INodeExecutionData[]> {
	const handoff = await callCompanion(context, {
		method: 'GET',
		path: handoffPath(context, itemIndex),
		itemIndex,
	});
	return [{ json: shown(context, itemIndex, handoff), pairedItem: { item: itemIndex } }];
}

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
	{ show: { operation: ['withdraw'] } },
	[
		handoffIdField,
		{
			displayName: 'Reason',
			name: 'reason',
			type: 'string',
			default: '',
			placeholder: 'e.g. The customer cancelled',
			description: 'Why nobody has to decide any more; the reviewers see it',
		},
		simplifyField,
	],
);

/** Takes a question back. A workflow that waits for it goes on through No Decision. */
export async function execute(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<INodeExecutionData[]> {
	const reason = String(context.getNodeParameter('reason', itemIndex, '') ?? '').trim();
	const handoff = await callCompanion(context, {
		method: 'POST',
		path: `${handoffPath(context, itemIndex)}/withdrawal`,
		body: reason === '' ? {} : { reason },
		itemIndex,
	});
	return [{ json: shown(context, itemIndex, handoff), pairedItem: { item: itemIndex } }];
}

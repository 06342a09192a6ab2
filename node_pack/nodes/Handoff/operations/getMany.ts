import {
	updateDisplayOptions,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { isJsonObject, type JsonObject } from '../canonical';
import { callCompanion } from '../transport';
import { shown, simplifyField } from './simplify';

/** The API's limit for one page. */
const PAGE_SIZE = 200;

export const description: INodeProperties[] = updateDisplayOptions(
	{ show: { operation: ['getMany'] } },
	[
		{
			displayName: 'Return All',
			name: 'returnAll',
			type: 'boolean',
			default: false,
			description: 'Whether to return all results or only up to a given limit',
		},
		{
			displayName: 'Limit',
			name: 'limit',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 50,
			description: 'Max number of results to return',
			displayOptions: { show: { returnAll: [false] } },
		},
		{
			displayName: 'State',
			name: 'state',
			type: 'options',
			default: 'open',
			description: 'Which handoffs to return',
			options: [
				{ name: 'All', value: 'all', description: 'Waiting and decided ones' },
				{
					name: 'Decided',
					value: 'decided',
					description: 'Those with an outcome, expired and withdrawn ones too',
				},
				{ name: 'Open', value: 'open', description: 'Those that wait for a person' },
			],
		},
		{
			displayName: 'Filters',
			name: 'filters',
			type: 'collection',
			default: {},
			placeholder: 'Add Filter',
			options: [
				{
					displayName: 'Group ID',
					name: 'groupId',
					type: 'string',
					default: '',
					placeholder: 'e.g. gr_07…',
					description: 'Only the handoffs of one group',
				},
				{
					displayName: 'Workflow ID',
					name: 'workflowId',
					type: 'string',
					default: '',
					placeholder: 'e.g. summarize-email',
					description: 'Only the handoffs of one Workflow ID',
				},
			],
		},
		simplifyField,
	],
);

/** The handoffs that the filters let through, page after page. */
export async function execute(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<INodeExecutionData[]> {
	const returnAll = context.getNodeParameter('returnAll', itemIndex, false);
	const limit = returnAll ? Infinity : Number(context.getNodeParameter('limit', itemIndex, 50));
	const filters = context.getNodeParameter('filters', itemIndex, {}) as IDataObject;
	const query = {
		state: context.getNodeParameter('state', itemIndex, 'open') as string,
		...(filters.workflowId ? { workflow_id: filters.workflowId } : {}),
		...(filters.groupId ? { group_id: filters.groupId } : {}),
	};

	const found: JsonObject[] = [];
	let cursor: string | null = null;
	do {
		const page: JsonObject = await callCompanion(context, {
			method: 'GET',
			path: '/v1/handoffs',
			query: {
				...query,
				limit: Math.min(PAGE_SIZE, limit - found.length),
				...(cursor === null ? {} : { cursor }),
			},
			itemIndex,
		});
		found.push(...(Array.isArray(page.items) ? page.items.filter(isJsonObject) : []));
		cursor = typeof page.cursor === 'string' ? page.cursor : null;
	} while (cursor !== null && found.length < limit);

	return found.slice(0, limit).map((handoff) => ({
		json: shown(context, itemIndex, handoff),
		pairedItem: { item: itemIndex },
	}));
}

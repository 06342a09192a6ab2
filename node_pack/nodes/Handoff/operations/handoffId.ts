import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { unusable } from '../errors';

export const handoffIdField: INodeProperties = {
	displayName: 'Handoff ID',
	name: 'handoffId',
	type: 'string',
	required: true,
	default: '={{ $json.handoff.id }}',
	placeholder: 'e.g. ho_07…',
	description: 'ID of the handoff, as Send and Send and Wait for Response give it out',
};

/** The path of the handoff that the panel names. */
export function handoffPath(context: IExecuteFunctions, itemIndex: number): string {
	const id = String(context.getNodeParameter('handoffId', itemIndex, '') ?? '').trim();
	if (id === '') {
		throw unusable(
			context.getNode(),
			'"Handoff ID" is empty',
			'Enter an ID such as ho_07…, or an expression that leads to one, for example {{ $json.handoff.id }}.',
			itemIndex,
		);
	}
	return `/v1/handoffs/${encodeURIComponent(id)}`;
}

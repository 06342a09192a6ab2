import type { IDataObject, IExecuteFunctions, INodeProperties } from 'n8n-workflow';

import { isJsonObject, type JsonObject } from '../canonical';

export const simplifyField: INodeProperties = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
};

const SIMPLE_FIELDS = [
	'id',
	'workflow_id',
	'title',
	'state',
	'approved',
	'created_at',
	'expires_at',
	'decided_at',
	'review_url',
];

/** The handoff as it came, or its ten most used fields. */
export function shown(
	context: IExecuteFunctions,
	itemIndex: number,
	handoff: JsonObject,
): IDataObject {
	if (context.getNodeParameter('simplify', itemIndex, true) !== true) return handoff as IDataObject;
	const simple = SIMPLE_FIELDS.map((field) => [field, handoff[field] ?? null]);
	const output = handoff.output === undefined ? [] : [['output', handoff.output]];
	const { decision } = handoff;
	// What was filled into a form, where one was.
	const response =
		isJsonObject(decision) && isJsonObject(decision.response)
			? [['response', decision.response]]
			: [];
	return Object.fromEntries([...simple, ...output, ...response]) as IDataObject;
}

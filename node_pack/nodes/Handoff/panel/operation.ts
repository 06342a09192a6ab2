import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

const sendAndWait: INodePropertyOptions = {
	name: 'Send and Wait for Response',
	value: 'sendAndWait',
	description: 'Ask a person, and go on with the answer',
	action: 'Send a case to a person and wait for the response',
};

const others: INodePropertyOptions[] = [
	{
		name: 'Send',
		value: 'send',
		description: 'Ask a person, and go on at once',
		action: 'Send a case to a person',
	},
	{
		name: 'Get',
		value: 'get',
		description: 'Read one handoff and its outcome',
		action: 'Get a handoff',
	},
	{
		name: 'Get Many',
		value: 'getMany',
		description: 'List what waits, or what was decided',
		action: 'Get many handoffs',
	},
	{
		name: 'Withdraw',
		value: 'withdraw',
		description: 'Take a question back, because nobody has to decide it any more',
		action: 'Withdraw a handoff',
	},
];

/** A plain tool of an AI agent cannot wait: n8n resumes only its Human Review variant, which waits by itself. */
export const operationFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		default: 'sendAndWait',
		options: [sendAndWait, ...others],
		displayOptions: { hide: { '@tool': [true] } },
	},
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		default: 'send',
		options: others,
		displayOptions: { show: { '@tool': [true] } },
	},
];

import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

const sendAndWait: INodePropertyOptions = {
	name: 'Send and Wait for Response',
	value: 'sendAndWait',
	description: 'Ask a person, and go on with the answer',
	action: 'Send a case to a person and wait for the response',
};

const confirmExecution: INodePropertyOptions = {
	name: 'Confirm Before Acting',
	value: 'confirmExecution',
	description:
		'Go on only if what was approved still may be done; for the last step before what cannot be undone',
	action: 'Confirm that an approval still holds',
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

/**
 * A plain tool of an AI agent cannot wait: n8n resumes only its Human Review variant, which waits by itself. Nor does
 * an agent confirm: what cannot be undone is no tool call's to start.
 */
export const operationFields: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		default: 'sendAndWait',
		options: [sendAndWait, confirmExecution, ...others],
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

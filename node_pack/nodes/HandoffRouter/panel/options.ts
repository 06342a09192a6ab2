import type { INodeProperties } from 'n8n-workflow';

export const whenUnreachableField: INodeProperties = {
	displayName: 'When the Companion Is Unreachable',
	name: 'whenUnreachable',
	type: 'options',
	noDataExpression: true,
	default: 'synchronous',
	description: 'What happens to items that could not be evaluated. They are never committed.',
	options: [
		{
			name: 'Send to Synchronous Review',
			value: 'synchronous',
			description: 'The workflow goes on, and a person decides',
		},
		{
			name: 'Fail',
			value: 'fail',
			description: 'The node stops with an error; its On Error setting says what then happens',
		},
	],
};

export const optionsField: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	default: {},
	placeholder: 'Add Option',
	options: [
		{
			displayName: 'Put Result in Field',
			name: 'outputField',
			type: 'string',
			default: 'handoff_route',
			placeholder: 'e.g. second_check',
			description:
				'Under which name each item gets its route, with the reasons. A field of yours is never replaced: when there is one of this name, the node stops and says so.',
		},
	],
};

import type { INodeProperties } from 'n8n-workflow';

/** Which queue the case goes to, and the one sentence that the reviewer answers. */
export const addressFields: INodeProperties[] = [
	{
		displayName: 'Workflow ID',
		name: 'workflowId',
		type: 'string',
		required: true,
		default: '={{ $workflow.name }}',
		placeholder: 'e.g. summarize-email',
		description:
			'The name under which reviewers, policies and reports know these cases. All cases with one Workflow ID share a policy. By default it is the name of this workflow; "Summarize Email" becomes summarize-email. Enter your own to keep it when you rename the workflow.',
	},
	{
		displayName: 'Question',
		name: 'message',
		type: 'string',
		required: true,
		default: '=Is the result of "{{ $workflow.name }}" right?',
		placeholder: 'e.g. Send this summary to #support?',
		description:
			'What you ask the reviewer, as a question that Approve answers with yes. It is the headline of the page.',
	},
];

/** What the model made of it, and what came in. */
export const contentFields: INodeProperties[] = [
	{
		displayName: "Model's Output",
		name: 'outputSource',
		type: 'options',
		noDataExpression: true,
		default: 'auto',
		description: 'What the reviewer approves, edits or rejects',
		options: [
			{
				name: 'Detect Automatically',
				value: 'auto',
				description:
					"The field that n8n's AI nodes write (output, text, summary, message.content …), or else the whole item",
			},
			{
				name: 'Some Fields of the Item',
				value: 'fields',
				description: 'The fields that you name',
			},
			{
				name: 'The Whole Item',
				value: 'item',
				description: 'All fields of the item',
			},
			{
				name: 'Custom',
				value: 'json',
				description: 'A value that you write or build with an expression',
			},
		],
	},
	{
		displayName: "Fields With the Model's Output",
		name: 'outputFields',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. summary, reply.subject',
		description:
			'Names of the fields, separated by commas; a dot leads into a nested field. When the reviewer edits one, the item goes on with the edited text.',
		displayOptions: { show: { outputSource: ['fields'] } },
	},
	{
		displayName: 'Output',
		name: 'outputJson',
		type: 'json',
		required: true,
		default: '={{ $json }}',
		description: 'What the reviewer approves: an object, a list or a text',
		displayOptions: { show: { outputSource: ['json'] } },
	},
	{
		displayName: 'What Came In',
		name: 'requestSource',
		type: 'options',
		noDataExpression: true,
		default: 'rest',
		description:
			'What the reviewer compares the output with, for example the email that was summarized',
		options: [
			{
				name: "Everything but the Model's Output",
				value: 'rest',
				description: 'The other fields of the item',
			},
			{
				name: 'Some Fields of the Item',
				value: 'fields',
				description: 'The fields that you name',
			},
			{
				name: 'The Whole Item',
				value: 'item',
				description: 'All fields of the item',
			},
			{
				name: 'Custom',
				value: 'json',
				description:
					'A value that you write or build with an expression, for example from an earlier node',
			},
		],
	},
	{
		displayName: 'Fields With What Came In',
		name: 'requestFields',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. from, subject, body',
		description: 'Names of the fields, separated by commas; a dot leads into a nested field',
		displayOptions: { show: { requestSource: ['fields'] } },
	},
	{
		displayName: 'Input',
		name: 'requestJson',
		type: 'json',
		required: true,
		default: '={{ $json }}',
		description: 'What came in: an object, a list or a text',
		displayOptions: { show: { requestSource: ['json'] } },
	},
	{
		displayName: 'Confidence',
		name: 'confidence',
		type: 'string',
		default: '={{ $json.confidence }}',
		placeholder: 'e.g. 0.61',
		description:
			'How sure the model was, from 0 to 1. When it is missing, the reviewer is told that the model gave none; it never counts as sure.',
	},
];

/** Why a person is asked. */
export const reasonFields: INodeProperties[] = [
	{
		displayName: 'Ask Below',
		name: 'askBelow',
		type: 'string',
		default: '',
		placeholder: 'e.g. 0.78',
		description:
			'The confidence, from 0 to 1, below which your team wants a person. The page shows it beside the confidence. Empty: the number in the policy of the Workflow ID.',
	},
	{
		displayName: 'Risk Score',
		name: 'riskScore',
		type: 'string',
		default: '',
		placeholder: 'e.g. 0.2',
		description: 'How much harm a wrong answer does, from 0 to 1. Empty: not rated.',
	},
	{
		displayName: 'Flags',
		name: 'flags',
		type: 'string',
		default: '',
		placeholder: 'e.g. pii, external_communication',
		description:
			'What the reviewer should know about the content, separated by commas: pii, phi, pricing, legal_advice, financial_commitment, access_change, external_communication, weak_context and others that your policy names. A list from an expression works too.',
	},
];

/** What the recommendation rests on. */
export const supportFields: INodeProperties[] = [
	{
		displayName: 'Evidence',
		name: 'evidence',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		default: {},
		placeholder: 'Add Evidence',
		description:
			'What supports the output. A policy of the pattern "approval before action" opens no case without it. For a list from an expression use Options > More Context.',
		options: [
			{
				displayName: 'Entry',
				name: 'entry',
				values: [
					{
						displayName: 'Title',
						name: 'title',
						type: 'string',
						default: '',
						placeholder: 'e.g. Contract of 2025',
						description: 'What it is; an entry without a title is left out',
					},
					{
						displayName: 'Text',
						name: 'text',
						type: 'string',
						typeOptions: { rows: 2 },
						default: '',
						placeholder: 'e.g. Clause 4: cancellation within 30 days',
						description: 'What it says',
					},
					{
						displayName: 'Address',
						name: 'url',
						type: 'string',
						default: '',
						placeholder: 'e.g. https://example.com/contracts/12',
						description: 'Where it stands; the page shows it as text, to copy',
					},
				],
			},
		],
	},
	{
		displayName: 'Sources',
		name: 'sources',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		default: {},
		placeholder: 'Add Source',
		description: 'Which data the model used, and how fresh it was',
		options: [
			{
				displayName: 'Entry',
				name: 'entry',
				values: [
					{
						displayName: 'Name',
						name: 'name',
						type: 'string',
						default: '',
						placeholder: 'e.g. Price list',
						description: 'What it is; an entry without a name is left out',
					},
					{
						displayName: 'As Of',
						name: 'asOf',
						type: 'dateTime',
						default: '',
						description: 'How old the data is',
					},
					{
						displayName: 'Address',
						name: 'url',
						type: 'string',
						default: '',
						placeholder: 'e.g. https://example.com/prices',
						description: 'Where it stands',
					},
					{
						displayName: 'Stale',
						name: 'stale',
						type: 'boolean',
						default: false,
						description: 'Whether the data is too old to be relied on',
					},
				],
			},
		],
	},
];

/** How the values are shown. */
export const displayFields: INodeProperties[] = [
	{
		displayName: 'Display',
		name: 'display',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		default: {},
		placeholder: 'Add Field to Show',
		description:
			'Which values the page shows, in which order and how. Without it the page shows every field, with its name as label.',
		options: [
			{
				displayName: 'Field',
				name: 'field',
				values: [
					{
						displayName: 'Label',
						name: 'label',
						type: 'string',
						default: '',
						placeholder: 'e.g. Summary',
						description: 'The words above the value',
					},
					{
						displayName: 'Value',
						name: 'path',
						type: 'string',
						default: '',
						placeholder: 'e.g. /model_output/summary',
						description:
							'Where the value stands: /request/… for what came in, /model_output/… for the output',
					},
					{
						displayName: 'Show As',
						name: 'kind',
						type: 'options',
						default: 'text',
						options: [
							{ name: 'Date', value: 'date' },
							{ name: 'Image', value: 'image' },
							{ name: 'Link', value: 'link' },
							{ name: 'Long Text', value: 'long_text' },
							{ name: 'Number', value: 'number' },
							{ name: 'PDF', value: 'pdf' },
							{ name: 'Table', value: 'table' },
							{ name: 'Text', value: 'text' },
						],
					},
				],
			},
		],
	},
];

/** Which model spoke; the record of the decision names it. */
export const modelFields: INodeProperties[] = [
	{
		displayName: 'Model',
		name: 'model',
		type: 'collection',
		default: {},
		placeholder: 'Add Fact About the Model',
		description: 'Which model made the output. The page shows it, and the audit record names it.',
		options: [
			{
				displayName: 'Hash',
				name: 'hash',
				type: 'string',
				default: '',
				placeholder: 'e.g. sha256:…',
				description: 'Digest of the model or of its settings and prompt',
			},
			{
				displayName: 'Name',
				name: 'name',
				type: 'string',
				default: '',
				placeholder: 'e.g. bart-large-cnn',
				description: 'Name of the model',
			},
			{
				displayName: 'Retrained At',
				name: 'retrainedAt',
				type: 'dateTime',
				default: '',
				description: 'When the model last learned',
			},
			{
				displayName: 'Type',
				name: 'type',
				type: 'string',
				default: '',
				placeholder: 'e.g. summarization',
				description: 'Kind of model',
			},
			{
				displayName: 'Version',
				name: 'version',
				type: 'string',
				default: '',
				placeholder: 'e.g. 3',
				description: 'Version of the model',
			},
		],
	},
];

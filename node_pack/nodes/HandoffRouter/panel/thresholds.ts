import { updateDisplayOptions, type INodeProperties } from 'n8n-workflow';

/** Where the numbers come from. */
export const decideByFields: INodeProperties[] = [
	{
		displayName: 'Decide By',
		name: 'decideBy',
		type: 'options',
		noDataExpression: true,
		default: 'settings',
		description:
			'Whose numbers hold. The rules, flags and prohibited terms in the policy of the Workflow ID hold either way: they can only make a route stricter.',
		options: [
			{
				name: 'Settings of This Node',
				value: 'settings',
				description: 'The numbers below, which you change here',
			},
			{
				name: 'Stored Policy',
				value: 'policy',
				description: 'The numbers in the policy of the Workflow ID, kept by the companion',
			},
		],
	},
	{
		displayName:
			'The companion keeps the numbers, in the policy of the Workflow ID. A workflow without a policy of its own runs under the strict default one.',
		name: 'policyNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { decideBy: ['policy'] } },
	},
];

const share = { minValue: 0, maxValue: 1 };

/** The numbers an operator tunes, each with its default. */
export const thresholdFields: INodeProperties[] = updateDisplayOptions(
	{ show: { decideBy: ['settings'] } },
	[
		{
			displayName: 'Review Below Confidence',
			name: 'reviewBelowConfidence',
			type: 'number',
			typeOptions: share,
			default: 0.85,
			description:
				'From 0 to 1. A model that is less sure than this never acts alone: a person reviews the item. At exactly this number it may act. Higher means more reviews.',
		},
		{
			displayName: 'Synchronous Below Confidence',
			name: 'synchronousBelowConfidence',
			type: 'number',
			typeOptions: share,
			default: 0.6,
			description:
				'From 0 to 1. A model that is less sure than this sends the item to Synchronous Review, where the workflow waits. An item without a confidence goes there too.',
		},
		{
			displayName: 'Review Above Risk',
			name: 'reviewAboveRisk',
			type: 'number',
			typeOptions: share,
			default: 0.6,
			description:
				'From 0 to 1. A person reviews an item that is riskier than this, however sure the model is. Lower means more reviews.',
		},
		{
			displayName: 'Synchronous From Risk',
			name: 'synchronousFromRisk',
			type: 'number',
			typeOptions: share,
			default: 0.9,
			description:
				'From 0 to 1. An item of this risk or more goes to Synchronous Review, where the workflow waits.',
		},
		{
			displayName: 'Sampling Rate (%)',
			name: 'samplingRate',
			type: 'number',
			typeOptions: { minValue: 0, maxValue: 100 },
			default: 5,
			description:
				'How many of 100 automatic decisions a person looks at afterwards. Sampling never holds an item back.',
		},
		{
			displayName: 'SLA (Minutes)',
			name: 'slaMinutes',
			type: 'number',
			typeOptions: { minValue: 1, maxValue: 525600, numberPrecision: 0 },
			default: 240,
			description: 'Within how many minutes a review should be done',
		},
		{
			displayName: 'Queue',
			name: 'queue',
			type: 'string',
			default: '',
			placeholder: 'e.g. fraud-analysts',
			description: 'Which queue a review goes to. Empty: the queue that the policy chooses.',
		},
	],
);

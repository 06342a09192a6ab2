import type { INodeProperties } from 'n8n-workflow';

const approveLabel: INodeProperties = {
	displayName: 'Approve Button Label',
	name: 'approveLabel',
	type: 'string',
	default: 'Approve',
	placeholder: 'e.g. Approve and send',
	description: 'What the button says; best is what happens after it',
};

const instructions: INodeProperties = {
	displayName: 'Instructions',
	name: 'instructions',
	type: 'string',
	typeOptions: { rows: 4 },
	default: '',
	placeholder: 'e.g. Check that no customer is named',
	description: 'What the reviewer should check, one point a line',
};

const reversible: INodeProperties = {
	displayName: 'Reversible',
	name: 'reversible',
	type: 'boolean',
	default: true,
	description: 'Whether what happens after an approval can be undone',
};

const riskTier: INodeProperties = {
	displayName: 'Risk Tier',
	name: 'riskTier',
	type: 'options',
	default: 'medium',
	description: 'The class of risk, where your policy goes by classes',
	options: [
		{ name: 'Critical', value: 'critical' },
		{ name: 'High', value: 'high' },
		{ name: 'Low', value: 'low' },
		{ name: 'Medium', value: 'medium' },
	],
};

const title: INodeProperties = {
	displayName: 'Title',
	name: 'title',
	type: 'string',
	default: '',
	placeholder: 'e.g. Summary of a support email',
	description: 'What the case is, for the list of cases. By default the name of the workflow.',
};

const taskId: INodeProperties = {
	displayName: 'Task ID',
	name: 'taskId',
	type: 'string',
	default: '',
	placeholder: 'e.g. ticket-4711',
	description:
		'Your own number of the case; the audit record carries it. By default made of the execution and the item.',
};

/** Of use for an item and for an agent's tool call alike. */
export const commonOptions = [
	approveLabel,
	instructions,
	reversible,
	riskTier,
	taskId,
	title,
] satisfies INodeProperties[];

/** Of use only where an item is reviewed. */
export const itemOptions: INodeProperties[] = [
	{
		displayName: 'Amount',
		name: 'amount',
		type: 'string',
		default: '',
		placeholder: 'e.g. 1200',
		description:
			'The expected value at stake, from 0 on. By it the policy says how large the impact is, and the larger goes first.',
	},
	{
		displayName: 'Approvals Needed',
		name: 'approvalsNeeded',
		type: 'options',
		default: 1,
		description:
			'How many different people must approve; the policy can ask for more, never for less',
		options: [
			{ name: 'One', value: 1 },
			{ name: 'Two', value: 2 },
		],
	},
	{
		displayName: 'Category',
		name: 'category',
		type: 'string',
		default: '',
		placeholder: 'e.g. billing',
		description: 'The kind of case; the policy chooses the queue by it',
	},
	{
		displayName: 'Service Tier',
		name: 'serviceTier',
		type: 'options',
		default: 1,
		description: 'How important the service is; the higher tier is always served first',
		options: [
			{ name: '1 (Usual)', value: 1 },
			{ name: '2 (Important)', value: 2 },
			{ name: '3 (Most Important)', value: 3 },
		],
	},
	{
		displayName: 'SLA Feasible',
		name: 'slaFeasible',
		type: 'options',
		default: 'unknown',
		description: 'Whether the time that was promised can still be kept; the reviewer sees it',
		options: [
			{ name: 'No', value: 'no' },
			{ name: 'Unknown', value: 'unknown' },
			{ name: 'Yes', value: 'yes' },
		],
	},
	{
		displayName: 'Time Sensitive',
		name: 'timeSensitive',
		type: 'boolean',
		default: true,
		description: 'Whether the case is urgent; say why under Urgency',
	},
	{
		displayName: 'Allow Edits',
		name: 'allowEdit',
		type: 'boolean',
		default: true,
		description:
			'Whether the reviewer may correct the output and approve the corrected one. The item then goes on with the correction.',
	},
	{
		displayName: 'Attachments',
		name: 'attachments',
		type: 'string',
		default: 'data',
		placeholder: 'e.g. data, invoice',
		description:
			'Names of the binary fields that the reviewer should see, separated by commas. A field that an item does not have is left out.',
	},
	{
		displayName: 'Confidence Kind',
		name: 'confidenceKind',
		type: 'options',
		default: 'probability',
		description: 'Where the confidence comes from; the page says how far to trust it',
		options: [
			{
				name: 'Calibrated',
				value: 'calibrated',
				description: 'Checked against real outcomes',
			},
			{ name: 'Heuristic', value: 'heuristic', description: 'A rule of thumb' },
			{
				name: 'Probability',
				value: 'probability',
				description: 'Computed by the model, not checked',
			},
			{
				name: 'Self-Reported',
				value: 'self_reported',
				description: 'The model was asked how sure it is',
			},
		],
	},
	{
		displayName: 'Impact',
		name: 'impact',
		type: 'string',
		default: '',
		placeholder: 'e.g. Goes to 1,200 customers',
		description: 'What a wrong answer would cost, in words',
	},
	{
		displayName: 'More Context',
		name: 'moreContext',
		type: 'json',
		default: '{}',
		description:
			'More for the reviewer, as an object with any of: evidence, sources, features, counterfactuals, harms, response_form, priority, domain, intent, action',
	},
	{
		displayName: 'Reason',
		name: 'rationale',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		placeholder: 'e.g. The sender asks for a refund',
		description: 'Why the model decided as it did, in its words or yours',
	},
	{
		displayName: 'Requester',
		name: 'requester',
		type: 'string',
		default: '',
		placeholder: 'e.g. anna@example.com',
		description: 'On whose behalf this happens. Nobody can approve a case of their own.',
	},
	{
		displayName: 'Urgency',
		name: 'urgency',
		type: 'string',
		default: '',
		placeholder: 'e.g. The customer is on the phone',
		description: 'Why it should be soon, in words',
	},
];

/** A collection with the given options, sorted by label as n8n shows them. */
export function optionsField(options: INodeProperties[]): INodeProperties {
	return {
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		default: {},
		placeholder: 'Add Option',
		options: [...options].sort((one, other) => one.displayName.localeCompare(other.displayName)),
	};
}

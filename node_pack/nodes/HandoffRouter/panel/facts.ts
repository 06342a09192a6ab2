import type { INodeProperties } from 'n8n-workflow';

import { contentFields } from '../../Handoff/panel/caseFields';

/** How sure the model is, how much is at stake, and what is already known about the content. */
export const factFields: INodeProperties[] = [
	{
		displayName: 'Confidence',
		name: 'confidence',
		type: 'string',
		default: '={{ $json.confidence }}',
		placeholder: 'e.g. 0.61',
		description:
			'How sure the model is, from 0 to 1. A missing confidence stays missing and never counts as sure: the item goes to Synchronous Review.',
	},
	{
		displayName: 'Risk Score',
		name: 'riskScore',
		type: 'string',
		default: '={{ $json.risk_score }}',
		placeholder: 'e.g. 0.2',
		description:
			'How much harm a wrong decision does, from 0 to 1. Empty: worked out from the risk signals of the policy.',
	},
	{
		displayName: 'Flags',
		name: 'flags',
		type: 'string',
		default: '={{ $json.flags }}',
		placeholder: 'e.g. pii, access_change',
		description:
			'What the item is known to contain or do, separated by commas: pii, phi, pricing, legal_advice, financial_commitment, access_change, external_communication, weak_context and others that your policy names. A list from an expression works too. The companion adds what it finds in the content.',
	},
	{
		displayName: 'Reversible',
		name: 'reversible',
		type: 'options',
		default: 'unknown',
		description:
			'Whether what follows can be undone. Only what can be undone is ever committed without a person.',
		options: [
			{ name: 'As the Policy Says', value: 'unknown', description: 'Not stated here' },
			{ name: 'No', value: 'no', description: 'It cannot be undone' },
			{ name: 'Yes', value: 'yes', description: 'It can be undone' },
		],
	},
];

const CONTENT_WORDS: Record<string, string> = {
	outputSource:
		'What the decision is about. The companion looks in it for personal data, secrets and prohibited terms; it does not keep it.',
	outputFields: 'Names of the fields, separated by commas; a dot leads into a nested field',
	outputJson: 'What the model made: an object, a list or a text',
	requestSource:
		'What the model was given, for example the email or the transaction. The companion looks in it too, and does not keep it.',
};

/** As in the Handoff node, but for what a router does with it. */
export const contentFieldsOfRouter: INodeProperties[] = contentFields
	.filter(({ name }) => name !== 'confidence')
	.map((field) => ({ ...field, description: CONTENT_WORDS[field.name] ?? field.description }));

import type { INodeProperties } from 'n8n-workflow';

const FIELD_TYPES = [
	{ name: 'Checkbox', value: 'checkbox' },
	{ name: 'Date', value: 'date' },
	{ name: 'Dropdown', value: 'dropdown' },
	{ name: 'Number', value: 'number' },
	{ name: 'Text Input', value: 'text' },
	{ name: 'Textarea', value: 'textarea' },
];

const EXAMPLE = `[
  {
    "fieldLabel": "Category",
    "fieldType": "dropdown",
    "fieldOptions": { "values": [{ "option": "Billing" }, { "option": "Delivery" }] },
    "requiredField": true
  },
  { "fieldLabel": "Summary", "fieldType": "textarea" }
]`;

/** One field of the form; the names are those of n8n's own forms. */
const fieldValues: INodeProperties[] = [
	{
		displayName: 'Label',
		name: 'fieldLabel',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. Recommended Action',
		description: 'The words above the field',
	},
	{
		displayName: 'Element Type',
		name: 'fieldType',
		type: 'options',
		default: 'text',
		description: 'What can be entered',
		options: FIELD_TYPES,
	},
	{
		displayName: 'Default Value',
		name: 'defaultValue',
		type: 'string',
		default: '',
		placeholder: 'e.g. {{ $json.category }}',
		description:
			'What the field holds at first, for example what the model proposes. What the reviewer changes of it is told as a correction. A value that does not fit the field is left out.',
	},
	{
		displayName: 'Field Options',
		name: 'fieldOptions',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		default: { values: [{ option: '' }] },
		required: true,
		placeholder: 'Add Field Option',
		description: 'What can be chosen',
		displayOptions: { show: { fieldType: ['dropdown'] } },
		options: [
			{
				displayName: 'Values',
				name: 'values',
				values: [
					{
						displayName: 'Option',
						name: 'option',
						type: 'string',
						default: '',
						placeholder: 'e.g. Billing',
						description: 'One choice',
					},
				],
			},
		],
	},
	{
		displayName: 'Required Field',
		name: 'requiredField',
		type: 'boolean',
		default: false,
		description: 'Whether the reviewer has to fill it in to approve',
	},
	{
		displayName: 'Help Text',
		name: 'fieldDescription',
		type: 'string',
		default: '',
		placeholder: 'e.g. As in the list of services',
		description: 'A line under the field',
	},
	{
		displayName: 'Custom Field Name',
		name: 'fieldName',
		type: 'string',
		default: '',
		placeholder: 'e.g. recommended_action',
		description:
			'The name in the output. By default made of the label: "Recommended Action" is recommended_action.',
	},
];

/**
 * What the reviewer answers besides yes or no; n8n's own words and parameter names for it.
 *
 * But not n8n's own value for Custom Form: a waiting node whose `responseType` is `customForm` gets nothing but
 * multipart forms from n8n (webhook-helpers, seen in 2.41), and the companion's callback would be answered with 415.
 */
export const responseFields: INodeProperties[] = [
	{
		displayName: 'Response Type',
		name: 'responseType',
		type: 'options',
		noDataExpression: true,
		default: 'approval',
		description: 'What the reviewer answers',
		options: [
			{ name: 'Approval', value: 'approval', description: 'Approve, correct or reject' },
			{
				name: 'Custom Form',
				value: 'form',
				description: 'The same, and a form to fill in for the approval',
			},
			{
				name: 'Free Text',
				value: 'freeText',
				description: 'The same, and a text to write for the approval',
			},
		],
	},
	{
		displayName: 'Define Form',
		name: 'defineForm',
		type: 'options',
		noDataExpression: true,
		default: 'fields',
		description: 'How the fields are given',
		options: [
			{ name: 'Using Fields Below', value: 'fields' },
			{ name: 'Using JSON', value: 'json' },
		],
		displayOptions: { show: { responseType: ['form'] } },
	},
	{
		displayName: 'Form Fields',
		name: 'formFields',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true, sortable: true },
		default: {},
		placeholder: 'Add Form Field',
		description: 'What the reviewer fills in. The answers are in data.response of the item.',
		displayOptions: { show: { responseType: ['form'], defineForm: ['fields'] } },
		options: [{ displayName: 'Values', name: 'values', values: fieldValues }],
	},
	{
		displayName: 'Form Fields',
		name: 'jsonOutput',
		type: 'json',
		typeOptions: { rows: 5 },
		default: EXAMPLE,
		description:
			"The fields as a list, as in n8n's own forms, or as a JSON Schema with properties of simple types",
		displayOptions: { show: { responseType: ['form'], defineForm: ['json'] } },
	},
];

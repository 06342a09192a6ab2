import type { IDataObject } from 'n8n-workflow';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { JsonObject } from '../canonical';
import type { StandInCompanion } from '../../../testing/companion.mts';
import { execution, openingCompanion, park } from '../../../testing/openAndPark';

let companion: StandInCompanion;

beforeEach(async () => {
	companion = await openingCompanion();
});

afterEach(async () => await companion.stop());

const FIELDS = [
	{
		fieldLabel: 'Category',
		fieldType: 'dropdown',
		defaultValue: '={{ $json.category }}',
		fieldOptions: { values: [{ option: 'Billing' }, { option: 'Delivery' }, { option: '' }] },
		requiredField: true,
	},
	{ fieldLabel: 'Recommended Action', defaultValue: '={{ $json.action }}' },
	{ fieldLabel: 'Summary', fieldType: 'textarea', fieldDescription: 'Two sentences' },
	{ fieldLabel: 'Amount', fieldType: 'number', defaultValue: '12,50', fieldName: 'sum' },
	{ fieldLabel: 'Until', fieldType: 'date', defaultValue: '2026-12-24T10:00:00.000+01:00' },
	{ fieldLabel: 'Urgent', fieldType: 'checkbox', defaultValue: '={{ true }}' },
];

async function formSent(
	parameters: IDataObject,
	item: JsonObject = { output: 'x', category: ' billing ', action: 'Refund' },
): Promise<{ form: unknown; hints: string[] }> {
	const parked = execution(companion, [item], { responseType: 'form', ...parameters });
	const { handoffs } = await park(parked, companion);
	return { form: handoffs[0].response_form, hints: parked.recorded.hints };
}

describe('R-UI-22 the form that a person corrects', () => {
	it('has the fields of the panel, with what the item holds filled in', async () => {
		const { form, hints } = await formSent({ formFields: { values: FIELDS } });
		expect(form).toEqual({
			type: 'object',
			properties: {
				category: {
					type: 'string',
					title: 'Category',
					enum: ['Billing', 'Delivery'],
					default: 'Billing',
				},
				recommended_action: {
					type: 'string',
					title: 'Recommended Action',
					maxLength: 300,
					default: 'Refund',
				},
				summary: {
					type: 'string',
					title: 'Summary',
					maxLength: 8_000,
					description: 'Two sentences',
				},
				sum: { type: 'number', title: 'Amount', default: 12.5 },
				until: { type: 'string', title: 'Until', format: 'date', default: '2026-12-24' },
				urgent: { type: 'boolean', title: 'Urgent', default: true },
			},
			required: ['category'],
			order: ['category', 'recommended_action', 'summary', 'sum', 'until', 'urgent'],
		});
		expect(hints).toEqual([]);
	});

	it.each<[string, JsonObject]>([
		['dropdown', { fieldType: 'dropdown', fieldOptions: { values: [{ option: 'a' }] } }],
		['number', { fieldType: 'number' }],
		['date', { fieldType: 'date' }],
		['checkbox', { fieldType: 'checkbox' }],
	])('starts a %s empty, and says so, when the model wrote what does not fit', async (_, field) => {
		const { form, hints } = await formSent({
			formFields: { values: [{ fieldLabel: 'It', defaultValue: '2026-02-31 or so', ...field }] },
		});
		expect((form as JsonObject).properties).toEqual({
			it: expect.not.objectContaining({ default: expect.anything() }),
		});
		expect(hints).toEqual([
			'Item 0: The default of the form field "it" does not fit it, so the field starts empty.',
		]);
	});

	it('gives a long text the larger field instead of cutting it', async () => {
		const { form } = await formSent({
			formFields: { values: [{ fieldLabel: 'It', defaultValue: 'x'.repeat(301) }] },
		});
		expect(form).toMatchObject({ properties: { it: { maxLength: 8_000 } } });
	});

	it('leaves out the longest defaults of a form that is too large, and no item fails for it', async () => {
		const values = [1, 2, 3].map((number) => ({
			fieldLabel: `Field ${number}`,
			fieldType: 'textarea',
			defaultValue: '界'.repeat(number * 300),
		}));
		const { form, hints } = await formSent({ formFields: { values } });
		const properties = (form as JsonObject).properties as { [name: string]: JsonObject };
		expect(Object.keys(properties).filter((name) => 'default' in properties[name])).toEqual([
			'field_1',
			'field_2',
		]);
		expect(hints).toEqual([expect.stringContaining('"field_3" is too long')]);
	});

	it('names fields by labels in any script', async () => {
		const values = [{ fieldLabel: 'Größe' }, { fieldLabel: '金额' }];
		const { form } = await formSent({ formFields: { values } });
		expect(form).toMatchObject({ order: ['gro_e', 'field_2'] });
	});

	it('can be given as a list in the words of n8n, or as a JSON Schema, in its order', async () => {
		const asList = await formSent({
			defineForm: 'json',
			jsonOutput: '[{"fieldLabel": "B", "requiredField": true}, {"fieldLabel": "A"}]',
		});
		expect(asList.form).toMatchObject({ order: ['b', 'a'], required: ['b'] });
		const schema = {
			type: 'object',
			properties: { b: { type: 'integer' }, a: { type: 'string' } },
		};
		const asSchema = await formSent({ defineForm: 'json', jsonOutput: schema });
		expect(asSchema.form).toEqual({ ...schema, required: [], order: ['b', 'a'] });
	});

	it('is one text for Free Text, and none for Approval and for an agent’s tool call', async () => {
		const { form } = await formSent({ responseType: 'freeText' });
		expect(form).toMatchObject({ properties: { text: { type: 'string' } }, required: ['text'] });
		expect(await formSent({ responseType: 'approval', formFields: { values: FIELDS } })).toEqual({
			form: undefined,
			hints: [],
		});
		const agent = execution(
			companion,
			[{ tool: 'calendar', toolParameters: {} }],
			{ responseType: 'freeText', message: 'Run it?' },
			{ type: 'n8n-nodes-handoff.handoffHitlTool' },
		);
		expect((await park(agent, companion)).handoffs[0]).not.toHaveProperty('response_form');
	});

	it.each<[JsonObject, string]>([
		[{ formFields: { values: [] } }, 'The form has 0 fields'],
		[{ formFields: { values: Array(41).fill({ fieldLabel: 'a' }) } }, 'The form has 41 fields'],
		[{ formFields: { values: [{ fieldLabel: ' ' }] } }, 'Form field 1 has no label'],
		[
			{ formFields: { values: [{ fieldLabel: 'A b' }, { fieldLabel: 'a B' }] } },
			'Two form fields are called "a_b"',
		],
		[
			{ formFields: { values: [{ fieldLabel: 'A', fieldName: '__proto__' }] } },
			'"__proto__" cannot be the name of a form field',
		],
		[
			{ formFields: { values: [{ fieldLabel: 'A', fieldType: 'dropdown' }] } },
			'The form field "a" has nothing to choose from',
		],
		[
			{ formFields: { values: [{ fieldLabel: 'A', fieldType: 'file' }] } },
			'The form field "a" is of the type "file", which a reviewer cannot fill in here',
		],
		[
			{ defineForm: 'json', jsonOutput: '{"a": 1}' },
			'"Form Fields" is neither a list of fields nor a JSON Schema',
		],
	])('%j cannot be a form, and the error says why', async (parameters, message) => {
		const asking = execution(companion, [{ output: 'x' }], {
			responseType: 'form',
			...parameters,
		});
		await expect(asking.execute()).rejects.toMatchObject({ message, context: { itemIndex: 0 } });
		expect(companion.requests).toEqual([]);
	});

	it('half a character in a default is named by its item, and not refused as a whole', async () => {
		const asking = execution(companion, [{ output: 'x' }, { output: 'y', broken: '\ud83d' }], {
			responseType: 'form',
			formFields: { values: [{ fieldLabel: 'A', defaultValue: '={{ $json.broken }}' }] },
		});
		await expect(asking.execute()).rejects.toMatchObject({ context: { itemIndex: 1 } });
	});
});

describe('R-CTX-15 R-CTX-17 what supports the case', () => {
	it('evidence, sources and the facts of the options are sent, rows without a title are not', async () => {
		const { handoffs } = await park(
			execution(companion, [{ output: 'x', value: '1200.50' }], {
				evidence: {
					entry: [
						{ title: 'Contract', text: 'Clause 4' },
						{ title: '', text: 'lost' },
					],
				},
				sources: { entry: [{ name: 'Prices', asOf: '2026-10-01T00:00:00', stale: true }] },
				options: {
					amount: '={{ $json.value }}',
					approvalsNeeded: 2,
					category: 'billing',
					serviceTier: 3,
					slaFeasible: 'no',
					timeSensitive: true,
					urgency: 'On the phone',
					moreContext:
						'{"evidence": [{"title": "Mail"}], "category": "not-this", "domain": "shop"}',
				},
			}),
			companion,
		);
		expect(handoffs[0]).toMatchObject({
			evidence: [{ title: 'Contract', text: 'Clause 4' }, { title: 'Mail' }],
			sources: [{ name: 'Prices', as_of: '2026-09-30T22:00:00.000Z', stale: true }],
			amount: 1200.5,
			approvals_needed: 2,
			category: 'billing',
			domain: 'shop',
			service_tier: 3,
			sla_feasible: false,
			time_sensitive: true,
			urgency: 'On the phone',
		});
	});

	it('an amount that is no number counts as unknown, with a hint', async () => {
		const parked = execution(companion, [{ output: 'x' }], { options: { amount: 'much' } });
		const { handoffs } = await park(parked, companion);
		expect(handoffs[0]).not.toHaveProperty('amount');
		expect(parked.recorded.hints).toEqual([
			'Amount of item 0 is not a number from 0 on ("much"), so it was sent as unknown.',
		]);
	});
});

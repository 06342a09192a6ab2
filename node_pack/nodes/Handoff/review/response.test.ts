import type { IDataObject } from 'n8n-workflow';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { digestOf, type JsonObject } from '../canonical';
import type { StandInCompanion } from '../../../testing/companion.mts';
import { formAnswers } from '../../../testing/formAnswers.mts';
import type { Execution } from '../../../testing/n8n';
import { execution, openingCompanion, park, type SentGroup } from '../../../testing/openAndPark';
import { responseProblem } from './response';

let companion: StandInCompanion;

beforeEach(async () => {
	companion = await openingCompanion();
});

afterEach(async () => await companion.stop());

const FORM = {
	responseType: 'form',
	formFields: {
		values: [
			{
				fieldLabel: 'Category',
				fieldType: 'dropdown',
				fieldOptions: { values: [{ option: 'Billing' }, { option: 'Delivery' }] },
				defaultValue: '={{ $json.category }}',
				requiredField: true,
			},
			{ fieldLabel: 'Summary', fieldType: 'textarea', defaultValue: 'As the model says' },
			{ fieldLabel: 'Pieces', fieldType: 'number' },
			{ fieldLabel: 'Approved', fieldType: 'checkbox' },
		],
	},
};
const GOOD = { category: 'Delivery', summary: 'As the model says', pieces: 2, approved: false };

async function parked(
	parameters: IDataObject = FORM,
): Promise<{ waiting: Execution; group: SentGroup }> {
	const waiting = execution(companion, [{ output: 'a', category: 'Billing' }], parameters);
	return { waiting, group: await park(waiting, companion) };
}

async function expectRefused(waiting: Execution, delivery: never, code: string): Promise<void> {
	expect(await waiting.call(delivery)).toBeUndefined();
	expect(waiting.recorded.body).toMatchObject({ handoff_refused: code });
}

describe('H1 R-UI-22 what the companion takes as an answer the node takes too', () => {
	it.each(formAnswers.taken)('%j is taken', (answer) => {
		expect(responseProblem(formAnswers.form, answer)).toBeNull();
	});

	it.each(formAnswers.refused)('%j is refused', (answer) => {
		expect(responseProblem(formAnswers.form, answer)).not.toBeNull();
	});
});

describe('H1 the answers to a form reach the workflow as they were given', () => {
	it('with what the person corrected, and where no field can pass for the approval', async () => {
		const { waiting, group } = await parked();
		const outputs = await waiting.call(
			group.delivery([group.outcome(0, 'approved', { response: GOOD })]),
		);
		const { data, handoff } = outputs?.[1][0].json as { data: JsonObject; handoff: JsonObject };
		expect(data).toMatchObject({ approved: true, response: GOOD });
		expect(handoff).toMatchObject({
			response: GOOD,
			corrections: [{ field: 'category', before: 'Billing', after: 'Delivery' }],
			gate_results: [],
		});
	});

	it('a field that was emptied is a correction', async () => {
		const { waiting, group } = await parked();
		const outputs = await waiting.call(
			group.delivery([group.outcome(0, 'approved', { response: { category: 'Billing' } })]),
		);
		expect(outputs?.[1][0].json.handoff).toMatchObject({
			corrections: [{ field: 'summary', before: 'As the model says', after: null }],
		});
	});

	it('a number that was left empty comes as an empty text, and is taken', async () => {
		const { waiting, group } = await parked();
		const response = { category: 'Billing', summary: '', pieces: '' };
		const outputs = await waiting.call(
			group.delivery([group.outcome(0, 'approved', { response })]),
		);
		expect(outputs?.[1][0].json.data).toMatchObject({ response });
	});

	it('a form of which nothing is required may be left empty', async () => {
		const { waiting, group } = await parked({
			responseType: 'form',
			formFields: { values: [{ fieldLabel: 'Remark' }] },
		});
		const outputs = await waiting.call(group.delivery([group.outcome(0, 'approved')]));
		expect(outputs?.[1][0].json.data).toMatchObject({ approved: true, response: {} });
	});

	it('a free text stands where n8n’s own nodes put it too', async () => {
		const { waiting, group } = await parked({ responseType: 'freeText' });
		const outputs = await waiting.call(
			group.delivery([group.outcome(0, 'approved', { response: { text: 'Call first' } })]),
		);
		expect(outputs?.[1][0].json.data).toMatchObject({
			text: 'Call first',
			response: { text: 'Call first' },
		});
	});

	it('a rejection owes none, and brings half a one nowhere', async () => {
		for (const response of [null, { summary: 'half' }]) {
			const { waiting, group } = await parked();
			const outputs = await waiting.call(
				group.delivery([group.outcome(0, 'rejected', { response })]),
			);
			expect(outputs?.[2][0].json).toMatchObject({ data: { approved: false, response: null } });
		}
	});

	it('without a form nothing is added to n8n’s own shape', async () => {
		const { waiting, group } = await parked({});
		const outputs = await waiting.call(group.delivery([group.outcome(0, 'approved')]));
		expect(Object.keys(outputs?.[1][0].json.data as JsonObject)).toEqual([
			'approved',
			'respondedAt',
			'responder',
		]);
	});

	it('gate results are passed on', async () => {
		const { waiting, group } = await parked({});
		const gate_results = [{ gate: 'facts', item: 'price', result: 'pass' }];
		const outputs = await waiting.call(
			group.delivery([group.outcome(0, 'approved', { gate_results })]),
		);
		expect(outputs?.[1][0].json.handoff).toMatchObject({ gate_results });
	});

	it.each<[string, JsonObject | null]>([
		['nothing filled in', null],
		['a required field missing', { summary: 'x' }],
		['a required field empty', { ...GOOD, category: '' }],
		['a choice that was not offered', { ...GOOD, category: 'Legal' }],
		['a field that was not asked', { ...GOOD, isAdmin: true }],
		['a field named like a part of every object', { ...GOOD, constructor: 'x' }],
		['a number as text', { ...GOOD, pieces: '2' }],
		['a yes as text', { ...GOOD, approved: 'true' }],
		['a list for a text', { ...GOOD, summary: ['x'] }],
		['a text beyond its length', { ...GOOD, summary: 'x'.repeat(8_001) }],
	])('%s is no answer, and the execution goes on waiting', async (_, response) => {
		const { waiting, group } = await parked();
		const told = group.outcome(0, 'approved', { response });
		await expectRefused(waiting, group.delivery([told]) as never, 'response_mismatch');
		const good = group.outcome(0, 'approved', { response: GOOD });
		expect(await waiting.call(group.delivery([good]))).toBeDefined();
	});

	it.each<[string, (told: JsonObject) => JsonObject, string]>([
		[
			'another answer than its digest says',
			() => ({ response: { ...GOOD, category: 'Billing' } }),
			'response_digest_mismatch',
		],
		[
			'the record of another answer',
			({ event }) => ({
				event: { ...(event as JsonObject), details: { response_digest: digestOf('x') } },
			}),
			'event_mismatch',
		],
		['the record of another decision', () => ({ event_id: 'other' }), 'event_mismatch'],
		[
			'the record of another handoff',
			({ event }) => ({ event: { ...(event as JsonObject), handoff_id: 'ho_other' } }),
			'event_mismatch',
		],
	])('%s is refused', async (_, change, code) => {
		const { waiting, group } = await parked();
		const told = group.outcome(0, 'approved', { response: GOOD });
		await expectRefused(waiting, group.delivery([{ ...told, ...change(told) }]) as never, code);
	});

	it('an answer that nobody asked for is refused', async () => {
		const { waiting, group } = await parked({});
		const told = group.outcome(0, 'approved', { response: GOOD });
		await expectRefused(waiting, group.delivery([told]) as never, 'response_unexpected');
	});
});

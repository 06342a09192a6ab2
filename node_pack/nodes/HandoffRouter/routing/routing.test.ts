import { afterEach, describe, expect, it } from 'vitest';

import type { JsonObject } from '../../Handoff/canonical';
import { type StandInCompanion } from '../../../testing/companion.mts';
import { evaluatingCompanion, evaluation, routing, sentRoutes } from '../../../testing/routing';
import { ROUTES } from './routes';

let companion: StandInCompanion;

afterEach(async () => await companion.stop());

const NAMES = ROUTES.map(({ output }) => output);

/** An item that says itself where the stand-in is to send it. */
async function following(): Promise<void> {
	companion = await evaluatingCompanion((item) => {
		const { to } = item.model_output as JsonObject;
		return evaluation(item, { route: to });
	});
}

describe('an item leaves by the output of its route', () => {
	it('one output for each route, with the item’s own fields, its reason and its pair', async () => {
		await following();
		const items = ROUTES.map(({ value }, number) => ({ number, to: value }));
		const outputs = await routing(companion, items).execute();
		expect(outputs).toHaveLength(NAMES.length);
		for (const [index, { value }] of ROUTES.entries()) {
			const [{ json, pairedItem }] = outputs[index];
			expect(outputs[index]).toHaveLength(1);
			expect(json).toMatchObject({ number: index, to: value });
			expect(json.handoff_route).toMatchObject({
				evaluated: true,
				route: value,
				words: `The bands say ${value}.`,
				id: `rt_4711-${index}`,
				policy: { id: 'default', version: 1 },
			});
			expect(pairedItem).toEqual({ item: index });
		}
	});

	it('the reason is that of the stage that came to the route first', async () => {
		const trace = [
			{ stage: 'stop_the_line', route: 'auto_commit', words: 'Nothing.' },
			{ stage: 'forced_review', route: 'asynchronous_human_review', words: 'It cannot be undone.' },
			{ stage: 'bands', route: 'asynchronous_human_review', words: 'What was found stays.' },
		];
		companion = await evaluatingCompanion((item) =>
			evaluation(item, { route: 'asynchronous_human_review', trace }),
		);
		const [, [{ json }]] = await routing(companion, [{ confidence: 1 }]).execute();
		expect(json.handoff_route).toMatchObject({ words: 'It cannot be undone.', trace });
	});

	it('thousands of items go in requests of at most 100, each with a key of its own, and keep their pairs', async () => {
		await following();
		const items = Array.from({ length: 2345 }, (_, number) => ({
			number,
			to: ROUTES[number % 5].value,
		}));
		const outputs = await routing(companion, items).execute();
		const batches = companion.requests.map((request) => sentRoutes(request).items.length);
		expect(batches).toEqual([...Array.from({ length: 23 }, () => 100), 45]);
		expect(new Set(companion.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(
			24,
		);
		for (const [index, output] of outputs.entries()) {
			expect(output).toHaveLength(469);
			for (const { json, pairedItem } of output) {
				expect(pairedItem).toEqual({ item: json.number });
				expect(Number(json.number) % 5).toBe(index);
			}
		}
	});

	it('long items are spread over more requests', async () => {
		await following();
		const items = Array.from({ length: 4 }, () => ({
			to: 'auto_commit',
			text: 'x'.repeat(400_000),
		}));
		await routing(companion, items).execute();
		expect(companion.requests.map((request) => sentRoutes(request).items.length)).toEqual([2, 2]);
	});

	it('a second run of the same node, as in a loop, has other keys; the same run tried again has the same', async () => {
		await following();
		const run = routing(companion, [{ to: 'auto_commit' }]);
		await run.execute();
		await run.execute();
		run.nextRun();
		await run.execute();
		const [first, again, next] = companion.requests.map(
			({ headers }) => headers['idempotency-key'],
		);
		expect(again).toBe(first);
		expect(next).not.toBe(first);
		expect(first).toMatch(/^n8n:4711:.+:run-0:.+:routes-0$/);
	});
});

describe('what is sent', () => {
	const sent = async (item: JsonObject, parameters = {}) => {
		companion = await evaluatingCompanion();
		await routing(companion, [item as never], parameters).execute();
		return sentRoutes(companion.requests[0]);
	};

	it('the settings of the panel, with their defaults', async () => {
		const { settings, open } = await sent({ confidence: 0.9 });
		expect(companion.requests[0].path).toBe('/v1/routes');
		expect(open).toBe(false);
		expect(settings).toEqual({
			thresholds: {
				review_below_confidence: 0.85,
				synchronous_below_confidence: 0.6,
				review_above_risk: 0.6,
				synchronous_from_risk: 0.9,
			},
			sampling_rate: 0.05,
			sla_minutes: 240,
		});
	});

	it('other settings, and none at all where the stored policy decides', async () => {
		const { settings } = await sent(
			{},
			{ reviewBelowConfidence: 0.9, samplingRate: 12.5, queue: 'q' },
		);
		expect(settings).toMatchObject({
			thresholds: { review_below_confidence: 0.9 },
			sampling_rate: 0.125,
			queue: 'q',
		});
		await companion.stop();
		expect(
			(await sent({}, { decideBy: 'policy', reviewBelowConfidence: 0.9 })).settings,
		).toBeNull();
	});

	it('settings that an expression makes for each item: items with the same ones go together', async () => {
		companion = await evaluatingCompanion();
		const items = [1, 2, 1, 2, 1].map((kind) => ({ kind }));
		const parameters = { reviewBelowConfidence: '={{ $json.kind === 1 ? 0.8 : 0.95 }}' };
		const [, , committed] = await routing(companion, items, parameters).execute();
		expect(committed.map(({ json }) => json.kind)).toEqual([1, 2, 1, 2, 1]);
		expect(
			companion.requests.map((request) => {
				const { settings, items: those } = sentRoutes(request);
				return [(settings?.thresholds as JsonObject).review_below_confidence, those.length];
			}),
		).toEqual([
			[0.8, 3],
			[0.95, 2],
		]);
	});

	it('the facts of the item, and what the model made apart from what came in', async () => {
		const { items } = await sent(
			{
				confidence: '0,91',
				risk_score: 0.2,
				flags: ['PII', 'Legal Advice'],
				summary: 's',
				from: 'a',
			},
			{
				workflowId: 'Support Response',
				reversible: 'yes',
				moreFacts: {
					action: 'send',
					category: 'billing',
					intent: 'refund',
					modelVersion: 3,
					prompt: 'aé😀',
					modelError: 'none',
				},
			},
		);
		expect(items).toEqual([
			{
				item_id: '4711-0',
				workflow_id: 'support-response',
				task_id: '4711-0',
				title: 'Summarize Email',
				request: {
					confidence: '0,91',
					risk_score: 0.2,
					flags: ['PII', 'Legal Advice'],
					from: 'a',
				},
				model_output: { summary: 's' },
				confidence: 0.91,
				risk_score: 0.2,
				flags: ['pii', 'legal_advice'],
				reversible: true,
				action: 'send',
				category: 'billing',
				intent: 'refund',
				model: { version: '3' },
				model_error: 'none',
				prompt_characters: 3,
			},
		]);
	});

	it.each([
		['missing', {}],
		['null', { confidence: null }],
		['empty', { confidence: '' }],
		['no number', { confidence: 'high' }],
		['blank', { confidence: '  ' }],
		['a list', { confidence: [0.99] }],
		['true', { confidence: true }],
		['a percentage', { confidence: 99 }],
		['negative', { confidence: -0.1 }],
	])('a confidence that is %s stays missing', async (_, item) => {
		const { items } = await sent(item);
		expect(items[0]).not.toHaveProperty('confidence');
		expect(items[0]).not.toHaveProperty('risk_score');
		expect(items[0]).not.toHaveProperty('reversible');
	});

	it('and the editor is told once about all that could not be read', async () => {
		companion = await evaluatingCompanion();
		const run = routing(companion, [{ confidence: 1 }, { confidence: 99 }, { confidence: 'high' }]);
		await run.execute();
		expect(run.recorded.hints).toEqual([
			'2 of 3 items have a confidence that cannot be read; it counts as missing. In item 1: Confidence is "99", but must be a number from 0 to 1. If it is a percentage, divide it by 100: 0.99.',
		]);
	});
});

describe('no field of the builder is replaced', () => {
	it('one of the record’s name stops the node, with words that help', async () => {
		companion = await evaluatingCompanion();
		const run = routing(companion, [{ handoff_route: 'mine' }]);
		await expect(run.execute()).rejects.toMatchObject({
			message: 'The item already has a field "handoff_route"',
			description: expect.stringContaining('Options > Put Result in Field'),
		});
	});

	it('another name can be chosen', async () => {
		companion = await evaluatingCompanion();
		const parameters = { options: { outputField: 'check' } };
		const [, , [{ json }]] = await routing(
			companion,
			[{ handoff_route: 'mine' }],
			parameters,
		).execute();
		expect(json).toMatchObject({ handoff_route: 'mine', check: { evaluated: true } });
	});

	it('the record of an earlier router stands in the new one, and no deeper', async () => {
		companion = await evaluatingCompanion();
		const [, , [once]] = await routing(companion, [{ confidence: 1 }]).execute();
		const [, , [twice]] = await routing(companion, [once.json]).execute();
		const [, , [thrice]] = await routing(companion, [twice.json]).execute();
		expect(thrice.json.handoff_route).toMatchObject({ previous: { evaluated: true } });
		expect((thrice.json.handoff_route as JsonObject).previous).not.toHaveProperty('previous');
	});
});

it('as a tool of an agent it answers on its one output, without the agent’s own input', async () => {
	companion = await evaluatingCompanion();
	const type = 'n8n-nodes-handoff.handoffRouterTool';
	const outputs = await routing(companion, [{ approved: true }], {}, { type }).execute();
	expect(outputs).toHaveLength(1);
	expect(Object.keys(outputs[0][0].json)).toEqual(['handoff_route']);
});

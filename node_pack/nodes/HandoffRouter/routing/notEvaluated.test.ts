import { afterEach, describe, expect, it } from 'vitest';

import type { JsonObject } from '../../Handoff/canonical';
import {
	StandInCompanion,
	type Answer,
	type ReceivedRequest,
} from '../../../testing/companion.mts';
import { evaluatingCompanion, evaluation, routing, sentRoutes } from '../../../testing/routing';

let companion: StandInCompanion;

afterEach(async () => await companion.stop());

describe('what cannot be judged goes to a person', () => {
	it.each([
		['a risk score that is no number', { risk_score: 'none' }, 'Risk Score is "none"'],
		['a risk score beyond 1', { risk_score: 35 }, 'divide it by 100: 0.35'],
		['a flag that is no word', { flags: ['pii', '???'] }, 'Flags has "???"'],
		['half an emoji', { text: '\ud83d' }, 'lone surrogate'],
	])('%s, and the other items are evaluated', async (_, item, words) => {
		companion = await evaluatingCompanion();
		const run = routing(companion, [item, { confidence: 0.99 }]);
		const [synchronous, , committed] = await run.execute();
		expect(synchronous).toHaveLength(1);
		expect(synchronous[0].json.handoff_route).toMatchObject({
			evaluated: false,
			route: 'synchronous_human_review',
			cause: 'item_unusable',
			words: expect.stringContaining(words),
		});
		expect(committed.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }]);
		expect(run.recorded.hints[0]).toContain('1 of 2 items could not be evaluated');
	});

	it.each([
		['an unknown route', { route: 'auto_approve' }],
		['no route', { route: null }],
		['another item', { item_id: '4711-9' }],
		['no ID', { id: '' }],
		['no trace', { trace: null }],
		['auto-commit in a lane of people', { lane: 'human_review' }],
		['auto-commit while paused', { paused: { id: 'pa_1', reason: 'r' } }],
		['auto-reject in the lane of approvals', { route: 'auto_reject', lane: 'auto_approve' }],
	])('an answer with %s', async (_, changes) => {
		companion = await evaluatingCompanion((item) => evaluation(item, changes));
		const [synchronous, ...others] = await routing(companion, [{ confidence: 1 }]).execute();
		expect(synchronous[0].json.handoff_route).toMatchObject({
			evaluated: false,
			route: 'synchronous_human_review',
			cause: 'answer_not_understood',
		});
		expect(others.flat()).toEqual([]);
	});

	it.each([
		['fewer items', () => ({ items: [] })],
		['more items', (item: JsonObject) => ({ items: [evaluation(item), evaluation(item)] })],
		['something else', () => ({ approved: true })],
	])('an answer about %s', async (_, body) => {
		companion = await StandInCompanion.start((request) => ({
			status: 200,
			body: body(sentRoutes(request).items[0]),
		}));
		const outputs = await routing(companion, [{ confidence: 1 }]).execute();
		expect(outputs.map(({ length }) => length)).toEqual([1, 0, 0, 0, 0]);
	});
});

describe('when the companion is unreachable', () => {
	const busyAfter =
		(batches: number) =>
		(request: ReceivedRequest): Answer => {
			const { items } = sentRoutes(request);
			const number = Number(String(request.headers['idempotency-key']).split('-').pop());
			return number < batches
				? { status: 200, body: { items: items.map((item) => evaluation(item)) } }
				: {
						status: 503,
						body: { code: 'store_unavailable', title: 'Busy', detail: 'The store is away.' },
						headers: { 'Retry-After': '0' },
					};
		};
	const items = Array.from({ length: 250 }, (_, number) => ({ number }));

	it('what it had not evaluated goes to Synchronous Review, and it is asked in vain only once', async () => {
		companion = await StandInCompanion.start(busyAfter(1));
		const run = routing(companion, items);
		const outputs = await run.execute();
		expect(outputs.map(({ length }) => length)).toEqual([150, 0, 100, 0, 0]);
		expect(outputs[0][0]).toMatchObject({
			json: {
				number: 100,
				handoff_route: { evaluated: false, cause: 'companion_unreachable', event_id: null },
			},
			pairedItem: { item: 100 },
		});
		expect(companion.requests).toHaveLength(1 + 3);
		expect(run.recorded.hints).toEqual([
			expect.stringContaining('150 of 250 items could not be evaluated'),
		]);
	});

	it('or the node fails, as set', async () => {
		companion = await StandInCompanion.start(busyAfter(0));
		const run = routing(companion, items, { whenUnreachable: 'fail' });
		await expect(run.execute()).rejects.toMatchObject({ message: 'Busy' });
	});

	it('fails with On Error: Continue: output 0 all the same, with the error', async () => {
		companion = await StandInCompanion.start(busyAfter(2));
		const outputs = await routing(
			companion,
			items,
			{ whenUnreachable: 'fail' },
			{ onError: 'continueRegularOutput' },
		).execute();
		expect(outputs.map(({ length }) => length)).toEqual([50, 0, 200, 0, 0]);
		expect(outputs[0][0].json).toMatchObject({
			number: 200,
			error: expect.stringContaining('The store is away.'),
			handoff_route: { evaluated: false, route: 'synchronous_human_review', cause: 'node_failed' },
		});
	});

	it('nobody at the address counts as unreachable', async () => {
		companion = await evaluatingCompanion();
		const run = routing(companion, [{ confidence: 1 }]);
		await companion.stop();
		const [[{ json }]] = await run.execute();
		expect(json.handoff_route).toMatchObject({
			cause: 'companion_unreachable',
			words: expect.stringContaining('The Handoff companion did not answer'),
		});
		companion = await evaluatingCompanion();
	}, 15_000);
});

describe('what the companion refuses is a fault to mend, and stops the node', () => {
	const refusing = async (status: number, problem: JsonObject) => {
		companion = await StandInCompanion.start(() => ({ status, body: problem }));
	};

	it('a revoked key', async () => {
		await refusing(401, { code: 'credential_invalid', title: 'Refused', detail: 'Unknown key.' });
		await expect(routing(companion, [{}]).execute()).rejects.toMatchObject({
			message: 'Refused',
			description: expect.stringContaining('handoff key create'),
		});
	});

	it.each([
		[
			'/settings/thresholds/synchronous_below_confidence',
			'In Synchronous Below Confidence: Too high.',
		],
		['/items/1/category', 'In item 3, More Facts > Category: Too high.'],
	])(
		'a value at %s is named as in the panel, and an item by its place in the input',
		async (field, words) => {
			await refusing(422, { code: 'invalid_field', title: 'Refused', detail: 'Too high.', field });
			const items = [{}, { risk_score: 'x' }, {}, { a: 1 }].slice(1);
			const run = routing(companion, [{ flags: '?' }, ...items]);
			await expect(run.execute()).rejects.toMatchObject({ description: words });
		},
	);

	it('of several unusable settings, all are named', async () => {
		await refusing(422, {
			code: 'settings_unusable',
			title: 'Refused',
			detail: 'Too high. 1 more below.',
			field: '/settings/thresholds/synchronous_below_confidence',
			problems: [
				{ pointer: '/thresholds/synchronous_below_confidence', sentence: 'Too high.' },
				{ pointer: '/sampling_rate', sentence: 'Too low.' },
			],
		});
		await expect(routing(companion, [{}]).execute()).rejects.toMatchObject({
			description:
				'In Synchronous Below Confidence: Too high. 1 more below. In Sampling Rate (%): Too low.',
		});
	});

	it.each([
		['empty', '', 'Review Below Confidence is empty, but must be a number from 0 to 1'],
		['a percentage', 85, 'Review Below Confidence is 85, but must be a number from 0 to 1'],
		['no number', NaN, 'Review Below Confidence is NaN, but must be a number from 0 to 1'],
	])('a threshold that is %s never becomes another one', async (_, value, message) => {
		companion = await evaluatingCompanion();
		const run = routing(companion, [{}], { reviewBelowConfidence: value });
		await expect(run.execute()).rejects.toMatchObject({ message });
		expect(companion.requests).toEqual([]);
	});

	it('a run that is repeated while the workflow is paused goes to a person', async () => {
		await refusing(409, { code: 'paused', title: 'Conflict', detail: 'Gus paused this: drift.' });
		const run = routing(companion, [{ a: 1 }], { whenUnreachable: 'fail' });
		const outputs = await run.execute();
		expect(outputs.map(({ length }) => length)).toEqual([1, 0, 0, 0, 0]);
		expect(outputs[0][0].json.handoff_route).toMatchObject({
			evaluated: false,
			cause: 'paused',
			words: expect.stringContaining('Gus paused this: drift.'),
		});
	});

	it('with On Error: Continue nothing of it is committed', async () => {
		await refusing(403, { code: 'scope_missing', title: 'Refused', detail: 'No.' });
		const outputs = await routing(
			companion,
			[{ a: 1 }],
			{},
			{ onError: 'continueRegularOutput' },
		).execute();
		expect(outputs.map(({ length }) => length)).toEqual([1, 0, 0, 0, 0]);
		expect(outputs[0][0].json).toMatchObject({
			a: 1,
			error: expect.stringContaining('The API key may not do this. No.'),
		});
	});

	it('with an error output the item is the error alone, which n8n moves there', async () => {
		await refusing(403, { code: 'scope_missing', title: 'Refused', detail: 'No.' });
		const [[{ json }]] = await routing(
			companion,
			[{ a: 1 }],
			{},
			{ onError: 'continueErrorOutput' },
		).execute();
		expect(Object.keys(json)).toEqual(['error']);
	});
});

import { afterEach, describe, expect, it } from 'vitest';

import {
	StandInCompanion,
	type Answer,
	type ReceivedRequest,
} from '../../../testing/companion.mts';
import { execution } from '../../../testing/openAndPark';

let companion: StandInCompanion;

afterEach(async () => await companion.stop());

async function answering(answer: (request: ReceivedRequest) => Answer): Promise<void> {
	companion = await StandInCompanion.start(answer);
}

const LIVE = {
	id: 'ho_1',
	workflow_id: 'summarize-email',
	title: 'A summary',
	state: 'approved',
	approved: true,
	created_at: '2026-11-21T08:00:00.000Z',
	expires_at: '2026-11-24T08:00:00.000Z',
	decided_at: '2026-11-21T09:00:00.000Z',
	review_url: 'https://page.test/#/h/ho_1',
	output: { summary: 's' },
	history: [{ type: 'handoff.decided' }],
	version: 2,
};

describe('Send asks and goes on at once', () => {
	it('opens each item by itself, under a key of its own, and gives out no token', async () => {
		await answering(({ headers }) => ({
			status: 201,
			body: {
				id: `ho_${headers['idempotency-key']?.slice(-1)}`,
				state: 'pending',
				package_token: 'eyJ',
			},
		}));
		const run = execution(companion, [{ output: 'a' }, { output: 'b' }], { operation: 'send' });
		expect(await run.execute()).toEqual([
			[
				{
					json: { output: 'a', handoff: { id: 'ho_0', state: 'pending' } },
					pairedItem: { item: 0 },
				},
				{
					json: { output: 'b', handoff: { id: 'ho_1', state: 'pending' } },
					pairedItem: { item: 1 },
				},
			],
		]);
		expect(companion.requests[0].path).toBe('/v1/handoffs');
		expect(companion.requests[0].body).toMatchObject({
			model_output: { output: 'a' },
			source: { run_index: 0 },
		});
		expect(companion.requests[0].body).not.toHaveProperty('callback_url');
		expect(run.recorded.waitTill).toBeUndefined();
	});
});

describe('Get reads one handoff', () => {
	it('with its ten most used fields, or as it came', async () => {
		await answering(() => ({ status: 200, body: LIVE }));
		const items = [{ handoff: { id: 'ho_1' } }];
		const [[simple]] = await execution(companion, items, { operation: 'get' }).execute();
		expect(Object.keys(simple.json)).toHaveLength(10);
		expect(simple.json.output).toEqual({ summary: 's' });
		const [[raw]] = await execution(companion, items, {
			operation: 'get',
			simplify: false,
		}).execute();
		expect(raw.json).toEqual(LIVE);
		expect(companion.requests[0]).toMatchObject({
			method: 'GET',
			path: '/v1/handoffs/ho_1',
			headers: { authorization: 'Bearer hk_test' },
		});
	});

	it('with what was filled into its form', async () => {
		const response = { category: 'Delivery' };
		await answering(() => ({ status: 200, body: { ...LIVE, decision: { response } } }));
		const items = [{ handoff: { id: 'ho_1' } }];
		const [[simple]] = await execution(companion, items, { operation: 'get' }).execute();
		expect(simple.json.response).toEqual(response);
	});

	it('never lets an ID lead to another path', async () => {
		await answering(() => ({
			status: 404,
			body: { code: 'not_found', title: 'Not found', detail: 'Nothing here.' },
		}));
		const run = execution(companion, [{}], { operation: 'get', handoffId: '../decisions?x=1' });
		await expect(run.execute()).rejects.toMatchObject({
			message: 'Not found',
			description: 'In item 0: Nothing here.',
		});
		expect(companion.requests[0].path).toBe('/v1/handoffs/..%2Fdecisions%3Fx%3D1');
	});

	it('says so when there is no ID, and goes on with the next item with "On Error: Continue"', async () => {
		await answering(() => ({ status: 200, body: LIVE }));
		const run = execution(
			companion,
			[{ a: 1 }, { handoff: { id: 'ho_1' } }],
			{ operation: 'get' },
			{ onError: 'continueRegularOutput' },
		);
		const [[failed, fine]] = await run.execute();
		expect(failed.json).toEqual({
			a: 1,
			error: expect.stringMatching(/^"Handoff ID" is empty\. Enter an ID/),
		});
		expect(fine.json.id).toBe('ho_1');
	});
});

describe('Get Many lists handoffs', () => {
	const page = ({ path }: ReceivedRequest): Answer => {
		const query = new URL(path, 'http://x').searchParams;
		const from = Number(query.get('cursor') ?? 0);
		const size = Math.min(Number(query.get('limit')), 450 - from);
		const items = Array.from({ length: size }, (_, at) => ({ id: `ho_${from + at}` }));
		return {
			status: 200,
			body: { items, cursor: from + size < 450 ? String(from + size) : null, waiting: 450 },
		};
	};

	it('up to a limit, with the filters', async () => {
		await answering(page);
		const parameters = {
			operation: 'getMany',
			limit: 3,
			state: 'all',
			filters: { workflowId: 'w', groupId: 'gr_1' },
		};
		const [found] = await execution(companion, [{}], parameters).execute();
		expect(found.map(({ json }) => json.id)).toEqual(['ho_0', 'ho_1', 'ho_2']);
		expect(companion.requests.map(({ path }) => path)).toEqual([
			'/v1/handoffs?state=all&workflow_id=w&group_id=gr_1&limit=3',
		]);
	});

	it('or all, page after page', async () => {
		await answering(page);
		const [found] = await execution(companion, [{}], {
			operation: 'getMany',
			returnAll: true,
		}).execute();
		expect(new Set(found.map(({ json }) => json.id)).size).toBe(450);
		expect(companion.requests).toHaveLength(3);
	});
});

describe('Withdraw takes a question back', () => {
	it.each([
		['with a reason', { reason: ' No longer needed ' }, { reason: 'No longer needed' }],
		['without one', {}, {}],
	])('%s', async (_, parameters, body) => {
		await answering(() => ({ status: 200, body: { ...LIVE, state: 'withdrawn', approved: null } }));
		const run = execution(companion, [{}], {
			operation: 'withdraw',
			handoffId: 'ho_1',
			...parameters,
		});
		const [[item]] = await run.execute();
		expect(item.json).toMatchObject({ id: 'ho_1', state: 'withdrawn' });
		expect(companion.requests[0]).toMatchObject({
			method: 'POST',
			path: '/v1/handoffs/ho_1/withdrawal',
			body,
		});
	});
});

import type { IDataObject, INode } from 'n8n-workflow';
import { afterEach, describe, expect, it } from 'vitest';

import { digestOf } from '../canonical';
import {
	StandInCompanion,
	type Answer,
	type ReceivedRequest,
} from '../../../testing/companion.mts';
import { execution } from '../../../testing/openAndPark';

let companion: StandInCompanion;

afterEach(async () => await companion.stop());

const OUTPUT = { order: 7, amount: 80 };
const ITEM = { order: 7, amount: 80, handoff: { id: 'ho_1', output: OUTPUT, reason_code: null } };

function yes({ body }: ReceivedRequest): Answer {
	const { output_digest } = body as IDataObject;
	return {
		status: 200,
		body: { id: 'ho_1', event_id: 'ev_1', executed: true, output_digest },
	};
}

async function confirming(
	answer: (request: ReceivedRequest) => Answer,
	{
		items = [ITEM],
		parameters = {},
		node = {},
	}: { items?: IDataObject[]; parameters?: IDataObject; node?: Partial<INode> } = {},
) {
	companion = await StandInCompanion.start(answer);
	return execution(companion, items, { operation: 'confirmExecution', ...parameters }, node);
}

describe('R-ACT-13 R-GATE-09 what cannot be undone is confirmed first', () => {
	it('asks with the digest of what will be done, and goes on with a yes', async () => {
		const run = await confirming(yes);
		expect(await run.execute()).toEqual([
			[],
			[
				{
					json: {
						...ITEM,
						handoff: {
							...ITEM.handoff,
							execution: { id: 'ho_1', event_id: 'ev_1', output_digest: digestOf(OUTPUT) },
						},
					},
					pairedItem: { item: 0 },
				},
			],
		]);
		const [{ method, path, body, headers }] = companion.requests;
		expect([method, path, body]).toEqual([
			'POST',
			'/v1/handoffs/ho_1/execution',
			{ output_digest: digestOf(OUTPUT) },
		]);
		expect(headers['idempotency-key']).toMatch(/:run-0:.*:item-0:execute$/);
	});

	it('a second try of the same run asks under the same key, another run under another', async () => {
		const run = await confirming(yes);
		await run.execute();
		await run.execute();
		run.nextRun();
		await run.execute();
		const [one, same, other] = companion.requests.map(({ headers }) => headers['idempotency-key']);
		expect(same).toBe(one);
		expect(other).not.toBe(one);
	});

	it('takes what will be done from the fields that are used, so that a change on the way shows', async () => {
		const run = await confirming(yes, {
			items: [{ ...ITEM, amount: 8_000 }],
			parameters: { approvedOutput: '={{ { order: $json.order, amount: $json.amount } }}' },
		});
		await run.execute();
		expect(companion.requests[0].body).toEqual({
			output_digest: digestOf({ order: 7, amount: 8_000 }),
		});
	});

	it.each<[string, unknown]>([
		['12', '12'],
		['true', 'true'],
		['{"a": [1]}', { a: [1] }],
		['[not JSON', '[not JSON'],
	])('the output %j is read as %j', async (output, value) => {
		const run = await confirming(yes, { items: [{ handoff: { id: 'ho_1', output } }] });
		await run.execute();
		expect(companion.requests[0].body).toEqual({ output_digest: digestOf(value) });
	});

	it.each([
		[409, 'not_approved', 'Nobody approved this'],
		[409, 'output_changed', 'What would be done is not what was approved'],
		[409, 'executed_already', 'This was confirmed before'],
		[409, 'paused', 'The workflow is paused'],
		[403, 'scope_missing', 'The API key may not do this'],
	])('%i %s ends the execution in plain words', async (status, code, message) => {
		const run = await confirming(() => ({
			status,
			body: { code, title: 'Refused', detail: 'Ada took it back.' },
		}));
		await expect(run.execute()).rejects.toMatchObject({
			message,
			description: expect.stringContaining('Ada took it back.'),
		});
	});

	it.each(['continueRegularOutput', 'continueErrorOutput'] as const)(
		'with %s a no leaves by Unconfirmed, and a yes beside it by Confirmed',
		async (onError) => {
			const other = { n: 2, handoff: { id: 'ho_2', output: 'x' } };
			const run = await confirming(
				(request) =>
					request.path.includes('ho_1')
						? yes(request)
						: { status: 409, body: { code: 'not_approved', title: 'No', detail: 'No.' } },
				{ items: [other, ITEM], node: { onError } },
			);
			const [refused, confirmed] = await run.execute();
			expect(refused.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 0 }]);
			expect(refused[0].json.error).toContain('Nobody approved this');
			expect(confirmed.map(({ pairedItem }) => pairedItem)).toEqual([{ item: 1 }]);
		},
	);

	it.each<[string, (body: IDataObject) => unknown]>([
		['nothing in it', () => ({})],
		['a yes in words', (body) => ({ ...body, executed: 'true' })],
		['a no with status 200', (body) => ({ ...body, executed: false })],
		['a yes to another handoff', (body) => ({ ...body, id: 'ho_2' })],
		['a yes to another output', (body) => ({ ...body, output_digest: digestOf('other') })],
		['a list', (body) => [body]],
		['a page of a proxy', () => '<html>Log in</html>'],
	])('an answer with %s confirms nothing', async (_, changed) => {
		const run = await confirming(
			(request) => ({ status: 200, body: changed(yes(request).body as IDataObject) }),
			{ node: { onError: 'continueRegularOutput' } },
		);
		const [refused, confirmed] = await run.execute();
		expect([refused.length, confirmed.length]).toEqual([1, 0]);
	});

	it('nothing is confirmed where nothing was approved, and nobody is asked', async () => {
		const run = await confirming(yes, { items: [{ handoff: { id: 'ho_1', output: null } }] });
		await expect(run.execute()).rejects.toMatchObject({
			message: '"What Will Be Done" is empty',
		});
		expect(companion.requests).toEqual([]);
	});

	it('an away companion confirms nothing', async () => {
		const run = await confirming(
			() => ({ status: 503, body: {}, headers: { 'Retry-After': '0' } }),
			{ node: { onError: 'continueRegularOutput' } },
		);
		const [refused, confirmed] = await run.execute();
		expect([refused.length, confirmed.length]).toEqual([1, 0]);
		expect(companion.requests).toHaveLength(3);
	});
});

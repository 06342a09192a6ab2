import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { SECRET } from '../../../testing/callback';
import type { StandInCompanion } from '../../../testing/companion.mts';
import type { Execution } from '../../../testing/n8n';
import { execution, openingCompanion, park, type SentGroup } from '../../../testing/openAndPark';
import { digestOf, type JsonObject } from '../canonical';

let companion: StandInCompanion;

beforeAll(async () => {
	companion = await openingCompanion();
});

afterAll(async () => await companion.stop());

const THREE = [
	{ n: 0, output: 'a' },
	{ n: 1, output: 'b' },
	{ n: 2, output: 'c' },
];

async function parked(...setup: [Parameters<typeof execution>[1], ...JsonObject[]]) {
	const [items, parameters, node] = setup;
	const waiting = execution(companion, items, parameters, node);
	return { waiting, group: await park(waiting, companion) };
}

async function expectRefused(
	waiting: Execution,
	request: Parameters<Execution['call']>[0],
	code: string,
): Promise<void> {
	expect(await waiting.call(request)).toBeUndefined();
	expect(waiting.recorded.body).toEqual({ handoff_refused: code, detail: expect.any(String) });
	expect(waiting.recorded.status).toBe(400);
}

describe('W3 a signed answer that fits is acknowledged, and its items leave by their state', () => {
	it('gives each item to its output, paired, in n8n’s own shape with ours beside it', async () => {
		const { waiting, group } = await parked(THREE);
		const outputs = await waiting.call(
			group.delivery([
				group.outcome(2, 'rejected', { reason_code: 'wrong_category', rationale: 'Not ours' }),
				group.outcome(0, 'expired'),
				group.outcome(1, 'approved'),
			]),
		);
		expect(waiting.recorded.body).toEqual({ handoff_ack: 'dl_1' });
		expect(
			outputs?.map((items) => items.map(({ json, pairedItem }) => [json.n, pairedItem])),
		).toEqual([[[0, { item: 0 }]], [[1, { item: 1 }]], [[2, { item: 2 }]]]);
		expect(outputs?.[2][0].json).toEqual({
			n: 2,
			output: 'c',
			data: {
				approved: false,
				respondedAt: '2026-11-21T08:00:00.000Z',
				responder: {
					id: 'rv_1',
					name: 'Anna',
					username: 'anna@example.com',
					email: 'anna@example.com',
					source: 'handoff',
				},
			},
			handoff: {
				id: expect.stringMatching(/^ho_/),
				index: 2,
				state: 'rejected',
				decision_action: 'reject',
				output: null,
				edited: false,
				reason_code: 'wrong_category',
				rationale: 'Not ours',
				cause: null,
				model_output: { output: 'c' },
				event_id: expect.any(String),
				event: expect.objectContaining({ event_type: 'handoff.decided' }),
				response: null,
				corrections: [],
				gate_results: [],
				digests: {
					request: digestOf({ n: 2 }),
					output: digestOf({ output: 'c' }),
					final_output: null,
					package: expect.any(String),
				},
				review_url: expect.stringContaining('/#/h/'),
			},
		});
		expect(outputs?.[0][0].json.data).toMatchObject({ approved: null, responder: null });
	});

	it.each([
		['approved', 1],
		['modified', 1],
		['rejected', 2],
		['expired', 0],
		['withdrawn', 0],
		['stopped', 0],
		['rolled_back', 0],
		['a_state_of_the_future', 0],
	])('%s leaves by output %s', async (state, output) => {
		const { waiting, group } = await parked([{ output: 'a' }]);
		const outputs = await waiting.call(group.delivery([group.outcome(0, state)]));
		expect(outputs?.map((items) => items.length)).toEqual(
			[0, 0, 0].map((_, at) => (at === output ? 1 : 0)),
		);
	});

	it('keeps the files of an item', async () => {
		const { waiting, group } = await parked([{ output: 'a' }]);
		waiting.executeData.data.main[0]![0].binary = {
			data: { data: 'aGk=', mimeType: 'text/plain' },
		};
		const outputs = await waiting.call(group.delivery([group.outcome(0, 'approved')]));
		expect(outputs?.[1][0].binary).toEqual({ data: { data: 'aGk=', mimeType: 'text/plain' } });
	});

	it('works for a node whose name would break an expression', async () => {
		const { waiting, group } = await parked(
			[{ output: 'a' }],
			{},
			{ name: 'Ask "A" {{ x }} \\ é' },
		);
		expect(await waiting.call(group.delivery([group.outcome(0, 'approved')]))).toBeDefined();
	});
});

describe('H1 an item goes on with exactly what was approved', () => {
	it('an edit replaces the field it was made of, so that no later node uses the unapproved text', async () => {
		const { waiting, group } = await parked([{ n: 1, message: { content: 'Hi', role: 'x' } }]);
		const output = { message: { content: 'Hello' } };
		const outputs = await waiting.call(group.delivery([group.outcome(0, 'modified', { output })]));
		expect(outputs?.[1][0].json).toMatchObject({
			n: 1,
			message: { content: 'Hello', role: 'x' },
			handoff: { edited: true, output, model_output: { message: { content: 'Hi' } } },
		});
	});

	it('an edit of the whole item replaces the whole item', async () => {
		const { waiting, group } = await parked([{ a: 1, b: 2 }], { outputSource: 'item' });
		const outputs = await waiting.call(
			group.delivery([group.outcome(0, 'modified', { output: { a: 3 } })]),
		);
		expect(Object.keys(outputs?.[1][0].json ?? {})).toEqual(['a', 'data', 'handoff']);
	});

	it('an output that is left out for its size is the one that was sent', async () => {
		const { waiting, group } = await parked([{ output: 'long' }]);
		const told = group.outcome(0, 'approved');
		const outputs = await waiting.call(
			group.delivery([{ ...told, output: null, output_omitted: true }]),
		);
		expect(outputs?.[1][0].json).toMatchObject({ handoff: { output: { output: 'long' } } });
	});

	it.each<[string, (told: JsonObject) => JsonObject, string]>([
		['another output', () => ({ output: { output: 'evil' } }), 'final_output_digest_mismatch'],
		['no output', () => ({ output: null }), 'final_output_digest_mismatch'],
		[
			'a left-out output that was edited',
			() => ({ output: null, output_omitted: true, final_output_digest: digestOf('x') }),
			'final_output_digest_mismatch',
		],
		[
			'an edit that is not called one',
			() => ({ output: 'x', final_output_digest: digestOf('x') }),
			'state_contradictory',
		],
		['another request', () => ({ request_digest: digestOf('other') }), 'request_digest_mismatch'],
		[
			'another original output',
			() => ({ output_digest: digestOf('other') }),
			'output_digest_mismatch',
		],
		['another handoff', () => ({ id: 'ho_other' }), 'handoffs_mismatch'],
		['a place that was not asked about', () => ({ index: 1 }), 'handoffs_mismatch'],
		['an approval that says no', () => ({ approved: false }), 'state_contradictory'],
		['a rejection that says yes', () => ({ state: 'rejected' }), 'state_contradictory'],
		['an expiry that says yes', () => ({ state: 'expired' }), 'state_contradictory'],
	])('%s is refused, and the execution goes on waiting', async (_, change, code) => {
		const { waiting, group } = await parked([{ output: 'a' }]);
		const told = group.outcome(0, 'approved');
		await expectRefused(waiting, group.delivery([{ ...told, ...change(told) }]), code);
		expect(await waiting.call(group.delivery([told]))).toBeDefined();
	});

	it('an edit is refused where the node allows none', async () => {
		const { waiting, group } = await parked([{ output: 'a' }], { options: { allowEdit: false } });
		const told = group.outcome(0, 'modified', { output: { output: 'b' } });
		await expectRefused(waiting, group.delivery([told]), 'edit_not_allowed');
	});
});

describe('W4 an answer never resumes another wait', () => {
	it('neither by the address nor by the body of an earlier pass of a loop', async () => {
		const waiting = execution(companion, [{ output: 'same' }]);
		const first = await park(waiting, companion);
		waiting.nextRun();
		const second = await park(waiting, companion);
		const late = first.delivery([first.outcome(0, 'approved')]);
		await expectRefused(waiting, late, 'idempotency_key_mismatch');
		await expectRefused(
			waiting,
			{ ...late, url: second.body.callback_url },
			'idempotency_key_mismatch',
		);
		const current = second.delivery([second.outcome(0, 'approved')]);
		await expectRefused(
			waiting,
			{ ...current, url: first.body.callback_url },
			'idempotency_key_mismatch',
		);
		expect(await waiting.call(current)).toBeDefined();
	});

	it('nor with fewer, more or doubled outcomes, nor for another group', async () => {
		const { waiting, group } = await parked(THREE);
		const all = [0, 1, 2].map((index) => group.outcome(index, 'approved'));
		await expectRefused(waiting, group.delivery(all.slice(1)), 'handoffs_mismatch');
		await expectRefused(waiting, group.delivery([...all, all[0]]), 'handoffs_mismatch');
		await expectRefused(waiting, group.delivery([all[0], all[0], all[1]]), 'handoffs_mismatch');
		await expectRefused(waiting, group.delivery(all, { group_id: 'gr_other' }), 'group_mismatch');
	});

	it('nor when this execution waits for nothing', async () => {
		const { group } = await parked([{ output: 'a' }]);
		const other = execution(companion, [{ output: 'a' }]);
		await expectRefused(other, group.delivery([group.outcome(0, 'approved')]), 'not_waiting');
	});
});

describe('W1 only the companion that shares the secret is believed', () => {
	async function waitingGroup(
		signingSecret = SECRET,
	): Promise<{ waiting: Execution; group: SentGroup }> {
		const waiting = execution(companion, [{ output: 'a' }], {}, {}, signingSecret);
		return { waiting, group: await park(waiting, companion) };
	}
	const OTHER = `whsec_${Buffer.from('another secret').toString('base64')}`;

	it('refuses what is unsigned, signed otherwise, old, or empty', async () => {
		const { waiting, group } = await waitingGroup();
		const told = [group.outcome(0, 'approved')];
		const good = group.delivery(told);
		await expectRefused(waiting, { ...good, headers: {} }, 'signature_missing');
		await expectRefused(
			waiting,
			{ ...good, rawBody: Buffer.concat([good.rawBody, Buffer.from(' ')]) },
			'signature_invalid',
		);
		await expectRefused(waiting, group.delivery(told, {}, { secret: OTHER }), 'signature_invalid');
		await expectRefused(
			waiting,
			group.delivery(told, {}, { ageS: 301 }),
			'timestamp_out_of_tolerance',
		);
		await expectRefused(waiting, { ...good, rawBody: Buffer.alloc(0) }, 'body_missing');
		await expectRefused(waiting, { ...good, rawBody: undefined }, 'body_missing');
	});

	it('takes either secret while they are changed, and none without one', async () => {
		const both = await waitingGroup(`${OTHER} ${SECRET}`);
		const told = [both.group.outcome(0, 'approved')];
		expect(await both.waiting.call(both.group.delivery(told, {}, { secret: OTHER }))).toBeDefined();
		const none = await waitingGroup('');
		const delivery = none.group.delivery(
			[none.group.outcome(0, 'approved')],
			{},
			{ secret: 'whsec_' },
		);
		await expectRefused(none.waiting, delivery, 'signing_secret_invalid');
	});

	it('refuses a signed body that is no group’s outcome', async () => {
		const { waiting, group } = await waitingGroup();
		for (const handoffs of [['x'], [{}], [{ ...group.outcome(0, 'approved'), approved: 'yes' }]]) {
			await expectRefused(waiting, group.delivery([], { handoffs }), 'body_malformed');
		}
	});
});

describe('L1 a safe method never decides', () => {
	it.each(['GET', 'HEAD', 'OPTIONS'])(
		'%s shows a page without anything to press',
		async (method) => {
			const { waiting, group } = await parked([{ output: 'a' }]);
			const good = group.delivery([group.outcome(0, 'approved')]);
			expect(await waiting.call({ ...good, method })).toBeUndefined();
			expect(waiting.recorded.body).toContain('https://page.test/#/g/');
			expect(waiting.recorded.body).not.toMatch(/<(form|button|script|input)/);
			expect(waiting.recorded.headers['Content-Security-Policy']).toContain("default-src 'none'");
		},
	);
});

it('never throws, because n8n takes an error for the end of the wait: it asks to be called again', async () => {
	const { waiting, group } = await parked([{ output: 'a' }]);
	waiting.executeData.data.main = [];
	Object.assign(waiting, { items: [] });
	expect(await waiting.call(group.delivery([group.outcome(0, 'approved')]))).toBeUndefined();
	expect(waiting.recorded.status).toBe(503);
	expect(waiting.recorded.body).toMatchObject({ handoff_refused: 'node_failed' });
});

describe('as Human Review of an agent', () => {
	const AGENT = { type: 'n8n-nodes-handoff.handoffHitlTool' };
	const CALL = {
		chatInput: 'Book it',
		approved: true,
		tool: 'calendar',
		toolParameters: { day: 1 },
		toolCallId: 'c1',
	};
	const MESSAGE = {
		message: 'The agent wants to run this tool: calendar\n\nInput:\n[object Object]',
	};

	it('asks about the tool call, with no edit offered', async () => {
		const { group } = await parked([CALL], MESSAGE, AGENT);
		expect(group.handoffs[0]).toMatchObject({
			question: 'The agent wants to run this tool: calendar',
			request: { chatInput: 'Book it', approved: true, tool_call_id: 'c1' },
			model_output: { tool: 'calendar', parameters: { day: 1 } },
			allow_edit: false,
		});
	});

	it('answers with one item that has nothing of the input at its top', async () => {
		const { waiting, group } = await parked([CALL], MESSAGE, AGENT);
		const outputs = await waiting.call(group.delivery([group.outcome(0, 'approved')]));
		expect(outputs).toHaveLength(1);
		expect(outputs?.[0]).toHaveLength(1);
		expect(Object.keys(outputs?.[0][0].json ?? {})).toEqual(['data', 'handoff']);
		expect(outputs?.[0][0].json.data).toMatchObject({ approved: true });
	});

	it.each([
		[
			'rejected',
			{ reason_code: 'policy_violation', rationale: 'Too late' },
			'Anna rejected this tool call. Do not run it. Reason: policy violation: Too late.',
		],
		[
			'expired',
			{},
			'Nobody answered in time, so this tool call was neither approved nor rejected. Do not run it.',
		],
		['withdrawn', {}, 'The request for approval was withdrawn. Do not run this tool call.'],
		['stopped', {}, 'This workflow is stopped at present. Do not run this tool call.'],
		[
			'rolled_back',
			{ cause: null },
			'There is no approval for this tool call (rolled_back). Do not run it.',
		],
	])('%s is approved: false, with the cause in words', async (state, changes, chatInput) => {
		const { waiting, group } = await parked([CALL], MESSAGE, AGENT);
		const outputs = await waiting.call(group.delivery([group.outcome(0, state, changes)]));
		expect(outputs?.[0][0].json.data).toMatchObject({ approved: false, chatInput });
	});

	it('refuses an edited call, because n8n would run the agent’s own', async () => {
		const { waiting, group } = await parked([CALL], MESSAGE, AGENT);
		const told = group.outcome(0, 'modified', {
			output: { tool: 'calendar', parameters: { day: 2 } },
		});
		await expectRefused(waiting, group.delivery([told]), 'edit_not_allowed');
	});
});

import { NodeApiError, WAIT_INDEFINITELY, type INodeExecutionData } from 'n8n-workflow';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openedGroup, SECRET } from '../../../testing/callback';
import { StandInCompanion, type Answer } from '../../../testing/companion.mts';
import { Execution, NODE_ID } from '../../../testing/n8n';
import { execution, openingCompanion, park } from '../../../testing/openAndPark';

let companion: StandInCompanion;

beforeEach(async () => {
	companion = await openingCompanion();
});

afterEach(async () => await companion.stop());

async function companionThatAnswers(answer: Answer | (() => Answer)): Promise<void> {
	await companion.stop();
	companion = await StandInCompanion.start(typeof answer === 'function' ? answer : () => answer);
}

const PROBLEM = {
	status: 400,
	body: {
		type: 'about:blank#invalid_field',
		title: 'A field is not valid',
		code: 'invalid_field',
		detail: 'It must be at most 300 characters long.',
		field: '/handoffs/1/question',
	},
};

describe('all items of a run open as one group behind one callback', () => {
	it('works with nothing but the item: output and confidence are found, the rest came in', async () => {
		const items = [
			{ summary: 'Wants a refund', confidence: 0.61, mail: { from: 'anna@example.com' } },
			{ summary: 'Says thanks', confidence: 0.9, mail: { from: 'bo@example.com' } },
		];
		const { body } = await park(execution(companion, items), companion);
		expect(body.handoffs).toEqual([
			{
				workflow_id: 'summarize-email',
				task_id: '4711-0',
				title: 'Summarize Email',
				question: 'Is the result of "Summarize Email" right?',
				request: { confidence: 0.61, mail: { from: 'anna@example.com' } },
				model_output: { summary: 'Wants a refund' },
				confidence: 0.61,
			},
			expect.objectContaining({ task_id: '4711-1', model_output: { summary: 'Says thanks' } }),
		]);
		expect(body.callback_expects).toBe('acknowledgement');
		expect(body.source).toEqual({
			system: 'n8n',
			execution_id: '4711',
			node_id: NODE_ID,
			run_index: 0,
			execution_url: 'http://n8n.test/workflow/wf1/executions/4711',
			workflow_name: 'Summarize Email',
		});
	});

	it('sends what the panel says, and leaves out what was left empty', async () => {
		const { body } = await park(
			execution(companion, [{ score: 0.3, out: 'x' }], {
				workflowId: 'invoices',
				message: 'Pay it?',
				outputSource: 'json',
				outputJson: '={{ { draft: $json.out } }}',
				requestSource: 'json',
				requestJson: '["typed"]',
				confidence: '={{ $json.score }}',
				askBelow: '0,78',
				riskScore: '0.9',
				flags: 'pricing, financial_commitment',
				limitWaitTime: true,
				resumeAmount: 2,
				resumeUnit: 'hours',
				display: { field: [{ label: 'Draft', path: '/model_output/draft', kind: 'long_text' }] },
				model: { name: 'bart', version: 3, retrainedAt: '2026-10-01T00:00:00' },
				options: {
					allowEdit: false,
					approveLabel: 'Pay',
					instructions: 'Check the sum\n\n Check the name ',
					reversible: false,
					moreContext: '{"evidence": [{"title": "Contract"}], "workflow_id": "not-this"}',
					title: '',
				},
			}),
			companion,
		);
		expect(body.handoffs).toEqual([
			{
				workflow_id: 'invoices',
				task_id: '4711-0',
				title: 'Summarize Email',
				question: 'Pay it?',
				approve_label: 'Pay',
				instructions: ['Check the sum', 'Check the name'],
				request: ['typed'],
				model_output: { draft: 'x' },
				confidence: 0.3,
				threshold: 0.78,
				risk_score: 0.9,
				reversible: false,
				flags: ['pricing', 'financial_commitment'],
				model: { name: 'bart', version: '3', retrained_at: '2026-09-30T22:00:00.000Z' },
				display: [{ label: 'Draft', path: '/model_output/draft', kind: 'long_text' }],
				evidence: [{ title: 'Contract' }],
				allow_edit: false,
				expires_in_s: 7_200,
			},
		]);
	});

	it('parks without an end, because n8n’s own timer would let the items go on unreviewed', async () => {
		const parked = execution(companion, [{ output: 'x' }], { limitWaitTime: true });
		const outputs = await parked.execute();
		expect(parked.recorded.waitTill).toEqual(WAIT_INDEFINITELY);
		expect(outputs).toEqual([[], [], []]);
	});

	it('leaves the review link where the editor shows it', async () => {
		const parked = execution(companion, [{ output: 'x' }]);
		await parked.execute();
		expect(parked.recorded.metadata).toEqual({ resumeUrl: 'https://page.test/#/g/gr_1' });
		expect(parked.recorded.customData).toEqual({ handoff_review: 'https://page.test/#/g/gr_1' });
	});

	it('asks without a confidence, and says so, when the model gave a word', async () => {
		const parked = execution(companion, [{ output: 'x', confidence: 'high' }]);
		const { handoffs } = await park(parked, companion);
		expect(handoffs[0]).not.toHaveProperty('confidence');
		expect(parked.recorded.hints).toEqual([
			'Confidence of item 0 is not a number ("high"), so it was sent as unknown.',
		]);
	});

	it('sends the named files, and no field that an item lacks', async () => {
		const binary: INodeExecutionData['binary'] = {
			invoice: { data: 'aGk=', mimeType: 'Text/Plain; charset=utf-8', fileName: 'a.txt' },
		};
		const parked = execution(companion, [{ output: 'x' }], {
			options: { attachments: 'invoice, missing' },
		});
		parked.executeData.data.main[0]![0].binary = binary;
		const { handoffs } = await park(parked, companion);
		expect(handoffs[0].attachments).toEqual([
			{ name: 'a.txt', media_type: 'text/plain', content_base64: 'aGk=' },
		]);
	});
});

describe('A1 the idempotency key names one run of one node in one execution', () => {
	it('is made of execution, node and run, and stands inside the signed address', async () => {
		const { key, body } = await park(execution(companion, [{ output: 'x' }]), companion);
		expect(key).toMatch(new RegExp(`^n8n:4711:${NODE_ID}:run-0:[0-9a-f]{12}$`));
		expect(new URL(body.callback_url).searchParams.get('handoff_key')).toBe(key);
	});

	it('is another one in the next pass of a loop, and the same in a second try with the same body', async () => {
		const parked = execution(companion, [{ output: 'x' }], {
			limitWaitTime: true,
			limitType: 'atSpecifiedTime',
			maxDateAndTime: '={{ $now.plus({ hours: 5 }).toISO() }}',
		});
		const first = await park(parked, companion);
		const secondTry = await park(parked, companion);
		parked.nextRun();
		const nextRun = await park(parked, companion);
		expect(secondTry.key).toBe(first.key);
		expect(secondTry.body).toEqual(first.body);
		expect(nextRun.key).not.toBe(first.key);
	});

	it('differs between two executions that have the same number, as after a reset of the database', async () => {
		const keys: string[] = [];
		for (const resumeToken of ['token-1', 'token-2']) {
			const credential = { baseUrl: companion.url, apiKey: 'hk_test', signingSecret: SECRET };
			const parked = new Execution({ items: [{ output: 'x' }], resumeToken, credential });
			keys.push((await park(parked, companion)).key);
		}
		expect(keys[0]).not.toBe(keys[1]);
	});
});

describe('an error says what happened, how to mend it, and which item it was', () => {
	it('shows the companion’s own words and the setting they are about', async () => {
		await companionThatAnswers(PROBLEM);
		const failed = execution(companion, [{ output: 'a' }, { output: 'b' }]).execute();
		await expect(failed).rejects.toThrow(NodeApiError);
		await expect(failed).rejects.toMatchObject({
			message: 'A field is not valid',
			description: 'In item 1, Question: It must be at most 300 characters long.',
			httpCode: '400',
			context: { itemIndex: 1 },
		});
	});

	it.each([
		[
			'a refused key',
			{ status: 401, body: { code: 'unauthorized', title: 'Unknown key', detail: 'No such key.' } },
			/No such key\. Open the Handoff API credential/,
		],
		['another server', { status: 404, body: '<html>nginx</html>' }, /Check the Base URL/],
	])('tells of %s', async (_, answer, description) => {
		await companionThatAnswers(answer);
		await expect(execution(companion, [{ output: 'a' }]).execute()).rejects.toMatchObject({
			description: expect.stringMatching(description),
		});
	});

	it.each([
		[{ confidence: 61, output: 'x' }, {}, 'Confidence is 61, but must be from 0 to 1', /0\.61/],
		[
			{ output: 'cut \ud83d' },
			{},
			'The item cannot be sent: /output holds half of a character (a lone surrogate)',
			/toWellFormed/,
		],
		[
			{ a: 1 },
			{ outputSource: 'fields', outputFields: 'b' },
			'The item has no field "b"',
			/The item has: a\./,
		],
		[
			{ a: 1 },
			{ outputSource: 'fields', outputFields: ' ' },
			'"Fields With the Model\'s Output" names no field',
			/at least one/,
		],
		[
			{ a: 1 },
			{ outputSource: 'json', outputJson: '{"a": ' },
			'"Output" is not valid JSON',
			/quotation mark/,
		],
		[{ a: 1 }, { options: { moreContext: '[]' } }, '"More Context" is not an object', /braces/],
		[{ a: 1 }, { model: { retrainedAt: 'lately' } }, '"Retrained At" is not a date', /2026-10-01/],
	])(
		'refuses %j with %j before anything is sent',
		async (item, parameters, message, description) => {
			await expect(execution(companion, [item], parameters).execute()).rejects.toMatchObject({
				message,
				description: expect.stringMatching(description),
				context: { itemIndex: 0 },
			});
			expect(companion.requests).toEqual([]);
		},
	);

	it('names the item that is at fault, not the first one', async () => {
		const items = [{ output: 'fine' }, { output: 'x', confidence: -1 }];
		await expect(execution(companion, items).execute()).rejects.toMatchObject({
			message: 'Confidence is -1, but must be from 0 to 1',
			context: { itemIndex: 1 },
		});
	});

	it('refuses more items than one wait can hold, and names the ways out', async () => {
		const items = Array.from({ length: 501 }, () => ({ output: 'x' }));
		await expect(execution(companion, items).execute()).rejects.toMatchObject({
			message: '501 items are too many for one wait',
			description: expect.stringContaining('Loop Over Items'),
		});
	});

	it.each([
		[
			{ limitType: 'afterTimeInterval', resumeAmount: 0 },
			'The wait would be over before it begins',
		],
		[
			{ limitType: 'atSpecifiedTime', maxDateAndTime: '2020-01-01T00:00:00' },
			'The wait would be over before it begins',
		],
		[{ limitType: 'atSpecifiedTime', maxDateAndTime: 'soon' }, '"Max Date and Time" is not a date'],
	])('refuses a wait of %j', async (limit, message) => {
		const parked = execution(companion, [{ output: 'x' }], { limitWaitTime: true, ...limit });
		await expect(parked.execute()).rejects.toMatchObject({ message });
	});

	it('refuses to wait for a group that the companion read as something else', async () => {
		const answer = openedGroup('gr_1', [{ request: {}, model_output: { output: 'other' } }]);
		await companionThatAnswers({ status: 201, body: answer });
		const parked = execution(companion, [{ output: 'x' }]);
		await expect(parked.execute()).rejects.toMatchObject({
			message: 'The companion read something else than was sent',
		});
		expect(parked.recorded.waitTill).toBeUndefined();
	});
});

describe('R7 what was not reviewed never leaves through Approved', () => {
	it('puts the unreviewed items on output 0 with "On Error: Continue", error beside their fields', async () => {
		await companionThatAnswers(PROBLEM);
		const parked = execution(
			companion,
			[{ output: 'a' }, { output: 'b' }],
			{},
			{ onError: 'continueRegularOutput' },
		);
		const error =
			'A field is not valid. In item 1, Question: It must be at most 300 characters long.';
		expect(await parked.execute()).toEqual([
			[
				{ json: { output: 'a', error }, pairedItem: { item: 0 } },
				{ json: { output: 'b', error }, pairedItem: { item: 1 } },
			],
		]);
		expect(parked.recorded.waitTill).toBeUndefined();
	});

	it('gives n8n the error alone where there is an error output, so that it moves the items there', async () => {
		await companionThatAnswers(PROBLEM);
		const parked = execution(companion, [{ output: 'a' }], {}, { onError: 'continueErrorOutput' });
		expect(await parked.execute()).toEqual([
			[{ json: { error: expect.any(String) }, pairedItem: { item: 0 } }],
		]);
	});

	it('throws for an agent even with "On Error: Continue": its input could say approved by itself', async () => {
		await companionThatAnswers(PROBLEM);
		const parked = execution(
			companion,
			[{ approved: true, tool: 'send', toolParameters: {} }],
			{ message: 'Run it?' },
			{ type: 'n8n-nodes-handoff.handoffHitlTool', onError: 'continueRegularOutput' },
		);
		await expect(parked.execute()).rejects.toThrow(NodeApiError);
	});
});

describe('a companion that is away for a moment is asked again with the same key', () => {
	it('after 503, without opening twice', async () => {
		let calls = 0;
		await companionThatAnswers(() => {
			calls += 1;
			return calls < 3
				? {
						status: 503,
						body: { code: 'unavailable', title: 'Busy' },
						headers: { 'Retry-After': '0' },
					}
				: {
						status: 201,
						body: openedGroup('gr_1', [{ request: {}, model_output: { output: 'x' } }]),
					};
		});
		await execution(companion, [{ output: 'x' }]).execute();
		const keys = companion.requests.map(({ headers }) => headers['idempotency-key']);
		expect(keys).toHaveLength(3);
		expect(new Set(keys).size).toBe(1);
	});

	it('but not after an answer that will stay the same', async () => {
		await companionThatAnswers(PROBLEM);
		await expect(execution(companion, [{ output: 'x' }]).execute()).rejects.toThrow();
		expect(companion.requests).toHaveLength(1);
	});
});

describe('earlier nodes can be reached behind every output, or n8n says that it cannot tell', () => {
	it('with one item every output has the same source', async () => {
		const parked = execution(companion, [{ output: 'x' }]);
		await parked.execute();
		const source = { previousNode: 'Before', previousNodeOutput: 0, previousNodeRun: 0 };
		expect(parked.executeData.source?.main).toEqual([source, source, source]);
	});

	it('with several items no output has one, because n8n would pair them by their order', async () => {
		const parked = execution(companion, [{ output: 'x' }, { output: 'y' }]);
		await parked.execute();
		expect(parked.executeData.source?.main).toEqual([null]);
	});
});

import { describe, expect, it } from 'vitest';

import { contentOf, UnusableContentError, type ContentSettings } from './content';
import { workflowId } from './workflowId';

const DEFAULTS: ContentSettings = {
	outputSource: 'auto',
	outputFields: '',
	outputJson: null,
	requestSource: 'rest',
	requestFields: '',
	requestJson: null,
};

describe('without a setting, the output is found where n8n’s AI nodes write it', () => {
	it.each([
		['an agent', { chatInput: 'x', output: 'o' }, { output: 'o' }, { chatInput: 'x' }],
		['a chain', { text: 't', id: 1 }, { text: 't' }, { id: 1 }],
		[
			'OpenAI',
			{ message: { role: 'assistant', content: 'c' }, id: 1 },
			{ message: { content: 'c' } },
			{ message: { role: 'assistant' }, id: 1 },
		],
		[
			'a summary beside the text',
			{ text: 'long', summary: 's' },
			{ summary: 's' },
			{ text: 'long' },
		],
		['a structured output', { output: { a: 1 } }, { output: { a: 1 } }, {}],
		['nothing of the kind: the whole item', { a: 1 }, { a: 1 }, {}],
		[
			'an empty field, which counts as none',
			{ output: '', text: 't' },
			{ text: 't' },
			{ output: '' },
		],
	])('%s', (_, item, model_output, request) => {
		expect(contentOf(item, DEFAULTS)).toMatchObject({ model_output, request });
	});
});

describe('with a setting, each side is what it names', () => {
	const item = { mail: { from: 'a', text: 't' }, summary: 's', score: 1 };

	it('fields on both sides', () => {
		const settings = {
			...DEFAULTS,
			outputSource: 'fields',
			outputFields: 'summary, score',
			requestSource: 'fields',
			requestFields: 'mail.text',
		} as const;
		expect(contentOf(item, settings)).toEqual({
			model_output: { summary: 's', score: 1 },
			request: { mail: { text: 't' } },
			edit_target: { fields: ['summary', 'score'] },
		});
	});

	it('the whole item on both sides', () => {
		const settings = { ...DEFAULTS, outputSource: 'item', requestSource: 'item' } as const;
		expect(contentOf(item, settings)).toEqual({
			model_output: item,
			request: item,
			edit_target: 'item',
		});
	});

	it.each([
		['an object of an expression', { a: 1 }, { a: 1 }],
		['typed JSON', '{"a": 1}', { a: 1 }],
		['a text of an expression', 'Hello', 'Hello'],
		['a number', 7, 7],
		['nothing', undefined, null],
	])(
		'%s as custom output; an edit of it goes back into no field',
		(_, outputJson, model_output) => {
			const settings = { ...DEFAULTS, outputSource: 'json', outputJson } as const;
			expect(contentOf(item, settings)).toEqual({ model_output, request: item, edit_target: null });
		},
	);

	it('typed JSON that does not parse is refused, not sent as text', () => {
		const settings = { ...DEFAULTS, requestSource: 'json', requestJson: ' {"a": ' } as const;
		expect(() => contentOf(item, settings)).toThrow(UnusableContentError);
	});
});

it.each([
	['summarize-email', 'summarize-email'],
	['Invoice_v2.1', 'Invoice_v2.1'],
	['Summarize Email!', 'summarize-email'],
	['Prüfung für Käufer', 'prufung-fur-kaufer'],
	['審査', 'wf1'],
	['', 'wf1'],
	[undefined, 'wf1'],
	['x '.repeat(200), 'x-'.repeat(64)],
])('the Workflow ID %j is sent as %s', (entered, id) => {
	expect(workflowId(entered, 'wf1')).toBe(id);
});

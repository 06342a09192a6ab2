import {
	NodeHelpers,
	Workflow,
	type INode,
	type INodeProperties,
	type INodePropertyCollection,
	type INodeTypes,
} from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import { HandoffApi } from '../../credentials/HandoffApi.credentials';
import { Handoff } from './Handoff.node';
import codex from './Handoff.node.json';

const { description } = new Handoff();

function everyProperty(properties: INodeProperties[]): INodeProperties[] {
	return properties.flatMap((property) => [
		property,
		...everyProperty(
			(property.options ?? []).flatMap((option) =>
				'values' in option
					? (option as INodePropertyCollection).values
					: 'type' in option
						? [option]
						: [],
			),
		),
	]);
}

describe('what n8n’s core relies on', () => {
	it('Send and Wait has exactly the value that n8n looks for, so that it signs the address and offers Human Review', () => {
		const [operation] = description.properties;
		expect(operation.options).toContainEqual(expect.objectContaining({ value: 'sendAndWait' }));
		expect(operation.default).toBe('sendAndWait');
	});

	it.each([
		['sendAndWait', ['No Decision', 'Approved', 'Rejected']],
		['confirmExecution', ['Unconfirmed', 'Confirmed']],
		['send', [undefined]],
	])('%s has %j as outputs: on 0 n8n sends what nobody looked at', (operation, names) => {
		const node = { name: 'Handoff', type: 'handoff', parameters: { operation } };
		const nodeTypes = { getByNameAndVersion: () => new Handoff() } as unknown as INodeTypes;
		const nodes = [node as unknown as INode];
		const workflow = new Workflow({ nodes, connections: {}, active: false, nodeTypes });
		const outputs = NodeHelpers.getNodeOutputs(workflow, nodes[0], description);
		expect(outputs.map((one) => (typeof one === 'string' ? undefined : one.displayName))).toEqual(
			names,
		);
	});

	it('no form makes n8n refuse the callback: for the response type customForm it takes multipart forms only', () => {
		expect(JSON.stringify(description.properties)).toContain('"name":"responseType"');
		expect(JSON.stringify(description.properties)).not.toContain('customForm');
	});

	it('an AI agent cannot confirm: what cannot be undone is no tool call’s to start', () => {
		const forTools = description.properties.filter(({ name }) => name === 'operation')[1];
		expect(JSON.stringify(forTools.options)).not.toContain('confirmExecution');
	});

	it('both methods of the resume address belong to the node, and restart a waiting execution', () => {
		expect(description.webhooks).toEqual([
			expect.objectContaining({
				httpMethod: 'GET',
				restartWebhook: true,
				isFullPath: true,
				path: '={{ $nodeId }}',
			}),
			expect.objectContaining({
				httpMethod: 'POST',
				restartWebhook: true,
				isFullPath: true,
				path: '={{ $nodeId }}',
			}),
		]);
	});

	it('a plain agent tool cannot choose to wait, because n8n would not resume it', () => {
		const forTools = description.properties.filter(
			({ name, displayOptions }) => name === 'operation' && displayOptions?.show?.['@tool'],
		);
		expect(forTools).toHaveLength(1);
		expect(JSON.stringify(forTools)).not.toContain('sendAndWait');
	});

	it('the question is called message, so that Human Review replaces it and does not ask twice', () => {
		const questions = description.properties.filter(
			({ displayName }) => displayName === 'Question',
		);
		expect(questions.map(({ name }) => name)).toEqual(['message', 'message']);
	});
});

describe('a builder finds the node and understands its panel', () => {
	it('by searching for human, approval, review', () => {
		expect(codex.alias).toEqual(
			expect.arrayContaining(['human', 'approval', 'approve', 'review', 'human in the loop']),
		);
		expect(codex.subcategories.HITL).toEqual(['Human in the Loop']);
		expect(codex.node).toBe('n8n-nodes-handoff.handoff');
	});

	it('every field has a description of its own, but for the operation, whose options have one', () => {
		const undescribed = everyProperty(description.properties).filter(
			(property) =>
				!property.description &&
				!['operation', 'options', 'filters', 'kind'].includes(property.name),
		);
		expect(undescribed.map(({ name }) => name)).toEqual([]);
	});

	it('every threshold is a labelled field of the panel', () => {
		const labels = description.properties.map(({ displayName }) => displayName);
		expect(labels).toEqual(
			expect.arrayContaining(['Confidence', 'Ask Below', 'Risk Score', 'Limit Wait Time']),
		);
	});
});

it('the credential hides both secrets, sends the key as a bearer token and is tested by a read', () => {
	const credential = new HandoffApi();
	const hidden = credential.properties.filter(({ typeOptions }) => typeOptions?.password);
	expect(hidden.map(({ name }) => name)).toEqual(['apiKey', 'signingSecret']);
	expect(credential.authenticate.properties.headers).toEqual({
		Authorization: '=Bearer {{$credentials.apiKey}}',
	});
	expect(credential.test.request).toMatchObject({ url: '/v1/handoffs', qs: { limit: 1 } });
});

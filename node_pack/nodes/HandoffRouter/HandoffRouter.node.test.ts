import type { INodeProperties, INodePropertyCollection } from 'n8n-workflow';
import { describe, expect, it } from 'vitest';

import packageJson from '../../package.json';
import { HandoffRouter } from './HandoffRouter.node';
import codex from './HandoffRouter.node.json';

const { description } = new HandoffRouter();

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

function defaultOf(label: string): unknown {
	return description.properties.find(({ displayName }) => displayName === label)?.default;
}

describe('what n8n’s core relies on', () => {
	it('Synchronous Review is output 0, where n8n sends what nobody evaluated', () => {
		expect(description.outputs).toEqual(['main', 'main', 'main', 'main', 'main']);
		expect(description.outputNames).toEqual([
			'Synchronous Review',
			'Asynchronous Review',
			'Auto-Commit',
			'Auto-Reject',
			'Stop the Line',
		]);
	});

	it('the package announces the node, with the credential that the Handoff node uses', () => {
		expect(packageJson.n8n.nodes).toContain('dist/nodes/HandoffRouter/HandoffRouter.node.js');
		expect(description.credentials).toEqual([{ name: 'handoffApi', required: true }]);
		expect(codex.node).toBe(`n8n-nodes-handoff.${description.name}`);
	});
});

describe('an operator tunes it in the panel alone', () => {
	it.each([
		['Review Below Confidence', 0.85],
		['Synchronous Below Confidence', 0.6],
		['Review Above Risk', 0.6],
		['Synchronous From Risk', 0.9],
		['Sampling Rate (%)', 5],
		['SLA (Minutes)', 240],
	])('%s is a labelled number that begins at %d', (label, value) => {
		expect(defaultOf(label)).toBe(value);
	});

	it('unless told otherwise, what cannot be evaluated goes to a person', () => {
		expect(defaultOf('When the Companion Is Unreachable')).toBe('synchronous');
	});

	it('every field has a description of its own, and none speaks of a reviewer of the Handoff node', () => {
		const properties = everyProperty(description.properties).filter(
			({ name, type }) => name !== 'options' && type !== 'notice',
		);
		expect(properties.filter((each) => !each.description).map(({ name }) => name)).toEqual([]);
		expect(
			properties.filter((each) => /reviewer (approves|compares)/.test(each.description ?? '')),
		).toEqual([]);
	});

	it('the numbers are hidden where the stored policy decides, and a notice says where they are', () => {
		const shown = (name: string) =>
			description.properties.find((each) => each.name === name)?.displayOptions?.show?.decideBy;
		expect(shown('reviewBelowConfidence')).toEqual(['settings']);
		expect(shown('samplingRate')).toEqual(['settings']);
		expect(shown('policyNotice')).toEqual(['policy']);
	});

	it('searching for routing, confidence or human finds it', () => {
		expect(codex.alias).toEqual(expect.arrayContaining(['human', 'router', 'confidence', 'risk']));
	});
});

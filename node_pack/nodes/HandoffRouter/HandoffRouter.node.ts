import {
	NodeConnectionTypes,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeType,
	type INodeTypeDescription,
} from 'n8n-workflow';

import { addressFields } from '../Handoff/panel/caseFields';
import { CREDENTIAL } from '../Handoff/transport';
import { contentFieldsOfRouter, factFields } from './panel/facts';
import { moreFactsField } from './panel/moreFacts';
import { optionsField, whenUnreachableField } from './panel/options';
import { decideByFields, thresholdFields } from './panel/thresholds';
import { giveHints } from './routing/hints';
import { itemsByOutput, routesForAgent } from './routing/outputs';
import { routeItems } from './routing/route';
import { ROUTES } from './routing/routes';

export class HandoffRouter implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Handoff Router',
		name: 'handoffRouter',
		icon: { light: 'file:../../icons/handoff.svg', dark: 'file:../../icons/handoff.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle:
			'={{ $parameter.decideBy === "policy" ? "By stored policy" : "Review below " + $parameter.reviewBelowConfidence }}',
		description:
			'Decides by confidence, risk and policy whether an item needs a person, and sends it to the output of its route',
		defaults: { name: 'Handoff Router' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: ROUTES.map(() => NodeConnectionTypes.Main),
		outputNames: ROUTES.map(({ output }) => output),
		credentials: [{ name: CREDENTIAL, required: true }],
		properties: [
			...addressFields.filter(({ name }) => name === 'workflowId'),
			...decideByFields,
			...thresholdFields,
			...factFields,
			...contentFieldsOfRouter,
			moreFactsField,
			whenUnreachableField,
			optionsField,
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const field = String(this.getNodeParameter('options.outputField', 0, '') || 'handoff_route');
		const routed = await routeItems(this, field);
		giveHints(this, routed);
		// An agent's tool has one output, and its model reads the route in the record.
		return this.getNode().type.endsWith('Tool')
			? routesForAgent(routed, field)
			: itemsByOutput(this, routed, field);
	}
}

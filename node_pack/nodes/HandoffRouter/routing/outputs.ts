import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { JsonObject } from '../../Handoff/canonical';
import { failedItem } from '../../Handoff/failedItem';
import { isTaken, unevaluatedRecord, withRecord } from './record';
import { inWords, type Failure, type Routed } from './route';
import { outputOf, ROUTES } from './routes';

/** The items on their outputs, each with its record and paired with the item that it is. */
export function itemsByOutput(
	context: IExecuteFunctions,
	{ records, failures }: Routed,
	field: string,
): INodeExecutionData[][] {
	const outputs: INodeExecutionData[][] = ROUTES.map(() => []);
	for (const [index, item] of context.getInputData().entries()) {
		const failure = failures.get(index);
		if (failure !== undefined) {
			outputs[0].push(failed(context, index, failure, field));
			continue;
		}
		const record = records.get(index) as JsonObject;
		outputs[outputOf(record.route)].push({
			json: withRecord(item.json, field, record),
			...(item.binary === undefined ? {} : { binary: item.binary }),
			pairedItem: { item: index },
		});
	}
	return outputs;
}

/** For an agent, whose tool has one output: the routes alone, without its own input. */
export function routesForAgent(
	{ records, failures }: Routed,
	field: string,
): INodeExecutionData[][] {
	const every = [
		...records,
		...[...failures].map(([index, failure]) => [index, unevaluated(failure)] as const),
	].sort(([one], [other]) => one - other);
	return [
		every.map(([item, record]) => ({
			json: { [field]: record } as IDataObject,
			pairedItem: { item },
		})),
	];
}

/** Unseen by anybody, so by output 0, or by n8n's error output where the node has one. */
function failed(
	context: IExecuteFunctions,
	index: number,
	failure: Failure,
	field: string,
): INodeExecutionData {
	const item = failedItem(context, index, failure);
	const input = context.getInputData()[index];
	const isErrorAlone = context.getNode().onError === 'continueErrorOutput';
	if (isErrorAlone) return item;
	return {
		...item,
		json: isTaken(input.json, field)
			? item.json
			: withRecord(item.json, field, unevaluated(failure)),
		...(input.binary === undefined ? {} : { binary: input.binary }),
	};
}

function unevaluated(failure: Failure): JsonObject {
	return unevaluatedRecord('node_failed', inWords(failure));
}

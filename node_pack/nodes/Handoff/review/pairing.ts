import type { IExecuteFunctions } from 'n8n-workflow';

import { OUTPUT_NAMES } from './outputs';

/**
 * Lets `$('Earlier Node').item` work behind every output, or fail; never point to another item.
 *
 * When a parked node resumes, n8n pairs its items anew (WorkflowExecute.addPairedItemLineage, seen in 2.41): an item
 * at place p of output o becomes "item p of input o", whatever the node said. This node has one input, so behind
 * Approved and Rejected the way back would be lost, and behind No Decision it could lead to a neighbour. With one
 * item, the same source for each output makes all ways right. With several, only their order could tell them
 * apart, and a mixed outcome changes it: then n8n is to report that it cannot tell.
 */
export function keepPairing(context: IExecuteFunctions, itemCount: number): void {
	const executeData = context.getExecuteData();
	const input = executeData.source?.main?.[0];
	if (!executeData.source || !input) return;
	executeData.source.main = itemCount === 1 ? OUTPUT_NAMES.map(() => input) : [null];
}

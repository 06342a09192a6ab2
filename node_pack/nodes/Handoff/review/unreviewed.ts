import type {
	IExecuteFunctions,
	INodeExecutionData,
	NodeApiError,
	NodeOperationError,
} from 'n8n-workflow';

import { failedItem } from '../failedItem';
import { isAgentReview } from './agentReview';

/**
 * The items of a failed Send and Wait with "On Error: Continue": all of them unreviewed, so all of them on
 * output 0 (No Decision). Throws the error where the node has to stop.
 *
 * For an agent nothing may go on: its input is written by the model, and n8n would take an `approved` in it for the
 * answer. n8n tells the agent of a thrown error by itself.
 */
export function unreviewed(
	context: IExecuteFunctions,
	failure: NodeApiError | NodeOperationError,
): INodeExecutionData[][] {
	if (!context.continueOnFail() || isAgentReview(context.getNode())) throw failure;
	return [context.getInputData().map((_, index) => failedItem(context, index, failure))];
}

import type {
	IExecuteFunctions,
	INodeExecutionData,
	NodeApiError,
	NodeOperationError,
} from 'n8n-workflow';

/**
 * What goes on for an item that failed, with "On Error: Continue": its own fields, and beside them what happened
 * and how to mend it.
 *
 * With "Continue (using error output)" n8n moves an item to that output when its JSON is the error alone, and puts
 * the item's own fields back.
 */
export function failedItem(
	context: IExecuteFunctions,
	itemIndex: number,
	{ message, description }: NodeApiError | NodeOperationError,
): INodeExecutionData {
	const error = description ? `${message}. ${description}` : message;
	const hasErrorOutput = context.getNode().onError === 'continueErrorOutput';
	const { json } = context.getInputData()[itemIndex];
	return {
		json: hasErrorOutput ? { error } : { ...json, error },
		pairedItem: { item: itemIndex },
	};
}

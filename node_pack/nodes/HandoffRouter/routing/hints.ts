import type { IExecuteFunctions } from 'n8n-workflow';

import type { Routed } from './route';

/** Tells the person in front of the editor what to look at: once for each kind of trouble, not once for each item. */
export function giveHints(context: IExecuteFunctions, { records, remarks }: Routed): void {
	const total = context.getInputData().length;
	const unevaluated = [...records.values()].filter(({ evaluated }) => evaluated === false);
	if (unevaluated.length > 0) {
		give(
			context,
			`${unevaluated.length} of ${total} items could not be evaluated and left by Synchronous Review. ${String(unevaluated[0].words)}`,
		);
	}
	if (remarks.size > 0) {
		const [[index, words]] = remarks;
		give(
			context,
			`${remarks.size} of ${total} items have a confidence that cannot be read; it counts as missing. In item ${index}: ${words}`,
		);
	}
}

function give(context: IExecuteFunctions, message: string): void {
	context.addExecutionHints({ message, type: 'warning', location: 'outputPane' });
}

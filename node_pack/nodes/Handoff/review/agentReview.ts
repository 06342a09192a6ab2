import type { INode } from 'n8n-workflow';

import type { JsonObject } from '../canonical';
import type { Content } from './content';

/** The question may be one line of this many characters at most. */
export const QUESTION_LIMIT = 300;

/**
 * Whether n8n runs the node as the Human Review step of an AI agent. n8n generates that variant from any node that
 * can send and wait; it puts it between the agent and a tool, and runs the tool with the agent's input when the
 * answer has `approved: true`.
 */
export function isAgentReview(node: INode): boolean {
	return node.type.endsWith('HitlTool');
}

/** What the agent wants to run, and what it was asked; n8n puts both into one item. */
export function contentOfToolCall(item: JsonObject, message: string): Content {
	const { tool, toolParameters, toolCallId, ...asked } = item;
	const [, ...furtherLines] = message.trim().split('\n');
	// The message that n8n proposes repeats the tool's input, which the reviewer sees as the output under review.
	const details = furtherLines
		.join('\n')
		.trim()
		.replace(/^Input:\s[^]*$/, '');
	return {
		request: {
			...asked,
			...(details === '' ? {} : { message: details }),
			...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
		},
		model_output: { tool: tool ?? null, parameters: toolParameters ?? null },
		// n8n runs the agent's own input, whatever we return: an edit could not reach the tool.
		edit_target: null,
	};
}

/** The headline. What follows the first line may quote the model, so it goes with the request and not into the headline. */
export function questionIn(message: string): string {
	return (message.trim().split('\n')[0] ?? '').slice(0, QUESTION_LIMIT);
}

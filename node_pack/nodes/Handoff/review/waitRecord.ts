import type { IExecuteFunctions, IWebhookFunctions } from 'n8n-workflow';

import { isJsonObject, type Json, type JsonObject } from '../canonical';
import type { EditTarget } from './content';

/** What one item sent, as the resumed node has to know it again. */
export interface SentCase {
	id: string;
	request: Json;
	model_output: Json;
	edit_target: EditTarget;
	allow_edit: boolean;
	/** What was asked besides yes or no; `null` for nothing. */
	form: JsonObject | null;
}

/**
 * What the node waits for. It lives in n8n's own record of the execution, out of a caller's reach, and is what a
 * callback is measured against: settings cannot be evaluated a second time, because they may read the clock,
 * an earlier run of a loop or another node.
 */
export interface WaitRecord {
	key: string;
	group_id: string;
	review_url: string;
	handoffs: SentCase[];
}

const NAME = 'waiting';

/** Keeps the record with the execution. A later run of the same node, in a loop, replaces it. */
export function remember(context: IExecuteFunctions, record: WaitRecord): void {
	context.getContext('node')[NAME] = record;
}

/** The record of the wait that the execution is in, or `null`. `webhook()` has no getContext; expressions reach it. */
export function recall(context: IWebhookFunctions): WaitRecord | null {
	const record = context.evaluateExpression(
		`{{ $node[${expressionText(context.getNode().name)}].context[${expressionText(NAME)}] }}`,
	);
	return isWaitRecord(record) ? record : null;
}

function isWaitRecord(value: unknown): value is WaitRecord {
	return isJsonObject(value) && typeof value.key === 'string' && Array.isArray(value.handoffs);
}

/** A text inside an n8n expression; its braces are escaped, because two of them would end the expression. */
function expressionText(text: string): string {
	return JSON.stringify(text).replaceAll('{', '\\u007b').replaceAll('}', '\\u007d');
}

import { createHash } from 'node:crypto';
import type { IExecuteFunctions } from 'n8n-workflow';

/** Keys above this length are hashed; the API takes 255 characters, and an operation may add a suffix. */
const LONGEST_KEY = 200;

/**
 * The key under which this run of this node opens its cases: the same when n8n tries the node again, another one in
 * every pass of a loop and in every execution.
 *
 * The last part comes from the execution's random resume token, so that a second n8n, or one whose database was
 * reset and counts its executions from 1 again, never meets the answer that belongs to another execution.
 */
export function idempotencyKey(context: IExecuteFunctions): string {
	const resumeUrl = String(context.evaluateExpression('{{ $execution.resumeUrl }}', 0));
	const execution = `${context.getInstanceId()} ${new URL(resumeUrl).search}`;
	const unique = sha256(execution).slice(0, 12);
	const key = `n8n:${context.getExecutionId()}:${context.getNode().id}:run-${runIndex(context)}:${unique}`;
	const fits = key.length <= LONGEST_KEY && /^[\x21-\x7e]+$/.test(key);
	return fits ? key : `n8n:sha256:${sha256(key)}`;
}

/** Which pass through the node this is, counted from 0. */
export function runIndex(context: IExecuteFunctions): number {
	return Number(context.getWorkflowDataProxy(0).$runIndex);
}

function sha256(text: string): string {
	return createHash('sha256').update(text, 'utf8').digest('hex');
}

import type { IExecuteFunctions } from 'n8n-workflow';

import type { JsonObject } from '../canonical';
import { runIndex } from './idempotencyKey';

/** Which execution asks, so that the review page can link back to it. */
export function source(context: IExecuteFunctions): JsonObject {
	const { id, name } = context.getWorkflow();
	const executionId = context.getExecutionId();
	const base = context.getInstanceBaseUrl().replace(/\/+$/, '');
	return {
		system: 'n8n',
		execution_id: executionId,
		node_id: context.getNode().id,
		run_index: runIndex(context),
		execution_url: `${base}/workflow/${id}/executions/${executionId}`,
		workflow_name: (name || id || 'unnamed').slice(0, 300),
	};
}

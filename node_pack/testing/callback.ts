import { createHmac, randomUUID } from 'node:crypto';

import { canonicalize, digestOf, type Json, type JsonObject } from '../nodes/Handoff/canonical';

export const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;

/** An opening as the stand-in companion answered it. */
export interface OpenedGroup {
	key: string;
	sent: { callback_url: string; handoffs: Array<{ request: Json; model_output: Json }> };
	id: string;
	handoffIds: string[];
}

/** The answer of `POST /v1/groups`. */
export function openedGroup(
	id: string,
	handoffs: Array<{ request: Json; model_output: Json }>,
): JsonObject {
	return {
		id,
		review_url: `https://page.test/#/g/${id}`,
		handoffs: handoffs.map(({ request, model_output }, index) => ({
			id: handoffId(id, index),
			group_id: id,
			state: 'pending',
			request_digest: digestOf(request),
			output_digest: digestOf(model_output),
			review_url: `https://page.test/#/h/${handoffId(id, index)}`,
		})),
	};
}

export function handoffId(groupId: string, index: number): string {
	return `ho_${groupId.slice(3)}_${index}`;
}

/** One outcome as the companion tells it, for the case at `index` of what was sent. */
export function outcome(
	sent: { request: Json; model_output: Json },
	groupId: string,
	index: number,
	state: string,
	changes: JsonObject = {},
): JsonObject {
	const approved = { approved: true, modified: true, rejected: false }[state] ?? null;
	const output = approved === true ? (changes.output ?? sent.model_output) : null;
	const response = changes.response ?? null;
	const response_digest = response === null ? null : digestOf(response);
	const event_id = randomUUID();
	return {
		id: handoffId(groupId, index),
		index,
		state,
		approved,
		decision_action: { approved: 'accept', modified: 'modify', rejected: 'reject' }[state] ?? null,
		cause: approved === null ? state : null,
		reason_code: null,
		rationale: null,
		request_digest: digestOf(sent.request),
		output_digest: digestOf(sent.model_output),
		package_digest: digestOf('package'),
		output,
		output_omitted: false,
		edited: approved === true && canonicalize(output) !== canonicalize(sent.model_output),
		final_output_digest: approved === true ? digestOf(output) : null,
		decided_at: '2026-11-21T08:00:00.000Z',
		decided_by: { id: 'rv_1', name: 'Anna', email: 'anna@example.com' },
		response,
		response_digest,
		gate_results: [],
		event_id,
		event: {
			event_type: 'handoff.decided',
			event_id,
			handoff_id: handoffId(groupId, index),
			...(response === null ? {} : { details: { response_digest } }),
		},
		review_url: `https://page.test/#/h/${handoffId(groupId, index)}`,
		...changes,
	};
}

export function groupCompleted(groupId: string, key: string, handoffs: JsonObject[]): JsonObject {
	return {
		type: 'handoff.group.completed',
		timestamp: '2026-11-21T08:00:00.000Z',
		data: { group_id: groupId, idempotency_key: key, workflow_id: 'summarize-email', handoffs },
	};
}

/** The request with which a companion delivers a body. */
export function signed(body: JsonObject, { secret = SECRET, ageS = 0, id = 'dl_1' } = {}) {
	const rawBody = Buffer.from(canonicalize(body), 'utf8');
	const timestamp = String(Math.floor(Date.now() / 1000) - ageS);
	const signature = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
		.update(`${id}.${timestamp}.`)
		.update(rawBody)
		.digest('base64');
	return {
		method: 'POST',
		rawBody,
		headers: {
			'content-type': 'application/json',
			'webhook-id': id,
			'webhook-timestamp': timestamp,
			'webhook-signature': `v1,${signature}`,
		},
	};
}

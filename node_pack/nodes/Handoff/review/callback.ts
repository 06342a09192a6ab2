import { isJsonObject, parseJson, type Json, type JsonObject } from '../canonical';

/** The outcome of one handoff, as the companion's callback gives it. */
export interface ToldOutcome {
	id: string;
	index: number;
	state: string;
	approved: boolean | null;
	decision_action: string | null;
	cause: string | null;
	reason_code: string | null;
	rationale: string | null;
	request_digest: string;
	output_digest: string;
	package_digest: string | null;
	output: Json;
	output_omitted: boolean;
	edited: boolean;
	final_output_digest: string | null;
	/** What was filled into the form; `null` when nothing was. */
	response: Json;
	response_digest: string | null;
	gate_results: Json[];
	decided_at: string | null;
	decided_by: JsonObject | null;
	event_id: string | null;
	event: JsonObject | null;
	review_url: string | null;
}

export interface Callback {
	group_id: string;
	idempotency_key: string;
	handoffs: ToldOutcome[];
}

/** The callback in a request body, or `null` when the body is something else. Its signature was checked before. */
export function parseCallback(rawBody: Buffer): Callback | null {
	const body = parseJson(rawBody.toString('utf8'));
	if (!isJsonObject(body) || body.type !== 'handoff.group.completed') return null;
	const { data } = body;
	if (!isJsonObject(data) || !Array.isArray(data.handoffs)) return null;
	const handoffs = data.handoffs.map(toldOutcome);
	if (handoffs.includes(null)) return null;
	return {
		group_id: String(data.group_id),
		idempotency_key: String(data.idempotency_key),
		handoffs: handoffs as ToldOutcome[],
	};
}

function toldOutcome(value: Json): ToldOutcome | null {
	if (!isJsonObject(value)) return null;
	const { id, index, state, approved } = value;
	if (typeof id !== 'string' || !Number.isInteger(index) || typeof state !== 'string') return null;
	if (approved !== true && approved !== false && approved !== null) return null;
	return {
		id,
		index: index as number,
		state,
		approved,
		decision_action: textOrNull(value.decision_action),
		cause: textOrNull(value.cause),
		reason_code: textOrNull(value.reason_code),
		rationale: textOrNull(value.rationale),
		request_digest: String(value.request_digest),
		output_digest: String(value.output_digest),
		package_digest: textOrNull(value.package_digest),
		output: value.output ?? null,
		output_omitted: value.output_omitted === true,
		edited: value.edited === true,
		final_output_digest: textOrNull(value.final_output_digest),
		response: value.response ?? null,
		response_digest: textOrNull(value.response_digest),
		gate_results: Array.isArray(value.gate_results) ? value.gate_results : [],
		decided_at: textOrNull(value.decided_at),
		decided_by: isJsonObject(value.decided_by) ? value.decided_by : null,
		event_id: textOrNull(value.event_id),
		event: isJsonObject(value.event) ? value.event : null,
		review_url: textOrNull(value.review_url),
	};
}

function textOrNull(value: Json | undefined): string | null {
	return typeof value === 'string' ? value : null;
}

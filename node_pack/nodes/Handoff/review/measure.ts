import { canonicalize, digestOf, isJsonObject, type Json, type JsonObject } from '../canonical';
import type { Callback, ToldOutcome } from './callback';
import { responseProblem } from './response';
import type { SentCase, WaitRecord } from './waitRecord';

/** Why a callback is not taken. The execution goes on waiting; the companion records the code as the cause. */
export interface Refusal {
	code: string;
	detail: string;
}

/**
 * An outcome that fits what was sent; `output` is exactly what was approved, `null` unless it was, and `response` what
 * was filled into the form.
 */
export interface Settled {
	sent: SentCase;
	told: ToldOutcome;
	output: Json;
	response: JsonObject | null;
}

/**
 * Measures a callback against what this wait sent: its key, its group, each case by place and id, the digests of
 * request and output worked out anew, the digest of the output that was approved, and the answers against the form.
 */
export function measure(
	callback: Callback,
	record: WaitRecord,
	agentReview: boolean,
): Settled[] | Refusal {
	if (callback.idempotency_key !== record.key) {
		return refusal(
			'idempotency_key_mismatch',
			'The answer belongs to another wait than the one this execution is in.',
		);
	}
	if (callback.group_id !== record.group_id) {
		return refusal(
			'group_mismatch',
			'The answer belongs to another group than the one this node opened.',
		);
	}
	if (callback.handoffs.length !== record.handoffs.length) {
		return refusal(
			'handoffs_mismatch',
			`The node asked about ${record.handoffs.length} items and was answered about ${callback.handoffs.length}.`,
		);
	}
	const settled: Settled[] = [];
	for (const [index, sent] of record.handoffs.entries()) {
		const told = callback.handoffs.find((outcome) => outcome.index === index);
		const outcome = told === undefined ? notAnswered(index) : settle(sent, told, agentReview);
		if ('code' in outcome) return outcome;
		settled.push(outcome);
	}
	return settled;
}

function settle(sent: SentCase, told: ToldOutcome, agentReview: boolean): Settled | Refusal {
	const item = `Item ${told.index}`;
	if (told.id !== sent.id) {
		return refusal('handoffs_mismatch', `${item} was opened as ${sent.id}, not as ${told.id}.`);
	}
	if (told.request_digest !== digestOf(sent.request)) {
		return refusal(
			'request_digest_mismatch',
			`${item}: the request that was reviewed is not the one that this node sent.`,
		);
	}
	if (told.output_digest !== digestOf(sent.model_output)) {
		return refusal(
			'output_digest_mismatch',
			`${item}: the output that was reviewed is not the one that this node sent.`,
		);
	}
	const isApproval = told.state === 'approved' || told.state === 'modified';
	if (
		(told.approved === true) !== isApproval ||
		(told.approved === false) !== (told.state === 'rejected')
	) {
		return refusal(
			'state_contradictory',
			`${item} is said to be ${told.state} and approved: ${told.approved}.`,
		);
	}
	const response = answered(sent, told, isApproval);
	if (response !== null && 'code' in response) return response;
	const settled = { sent, told, output: null, response: response?.value ?? null };
	const measured = isApproval ? settleApproval(settled, agentReview) : settled;
	if ('code' in measured || isAboutThis(told)) return measured;
	return refusal(
		'event_mismatch',
		`${item}: the record of the decision is not the one of this handoff and this answer.`,
	);
}

/** Whether the audit event that comes with an outcome names this handoff, this decision and this answer. */
function isAboutThis({ id, event, event_id, response_digest }: ToldOutcome): boolean {
	if (event === null) return true;
	const { details } = event;
	const recorded = isJsonObject(details) ? (details.response_digest ?? null) : null;
	return (
		event.event_id === event_id &&
		event.handoff_id === id &&
		(response_digest === null || recorded === response_digest)
	);
}

/** What was filled in, as `value`; `null` where nothing was and nothing had to be. */
function answered(
	{ form }: SentCase,
	{ index, response, response_digest }: ToldOutcome,
	isApproval: boolean,
): { value: JsonObject } | Refusal | null {
	const item = `Item ${index}`;
	// An execution that was parked by an earlier version of this node kept no form.
	const asked = form ?? null;
	if (response === null && !(isApproval && asked !== null)) return null;
	if (asked === null) {
		return refusal('response_unexpected', `${item} has an answer to a form that was not sent.`);
	}
	if (digestOrNull(response) !== response_digest && response !== null) {
		return refusal(
			'response_digest_mismatch',
			`${item}: the delivered answer is not the one that was given.`,
		);
	}
	// A form of which nothing is required may be left as it is.
	const given = response ?? {};
	const problem = responseProblem(asked, given);
	if (problem === null) return { value: given as JsonObject };
	// Who rejects owes no answer, so half a one is none; an approval holds for a whole one.
	return isApproval ? refusal('response_mismatch', `${item}: in the answer, ${problem}.`) : null;
}

/** An approval holds for exactly the bytes that were approved. */
function settleApproval(settled: Settled, agentReview: boolean): Settled | Refusal {
	const { sent, told } = settled;
	const item = `Item ${told.index}`;
	const output = told.output_omitted ? sent.model_output : told.output;
	if (digestOrNull(output) !== told.final_output_digest) {
		return refusal(
			'final_output_digest_mismatch',
			`${item}: the delivered output is not the approved one.`,
		);
	}
	const edited = told.final_output_digest !== told.output_digest;
	if (edited !== told.edited) {
		return refusal(
			'state_contradictory',
			`${item} is said to be edited: ${told.edited}, but its output says otherwise.`,
		);
	}
	if (edited && agentReview) {
		return refusal(
			'edit_not_allowed',
			`${item}: n8n runs the agent's own input, so an edited one cannot be approved.`,
		);
	}
	if (told.decision_action === 'modify' && !sent.allow_edit) {
		return refusal('edit_not_allowed', `${item}: "Allow Edits" is off for this node.`);
	}
	return { ...settled, output };
}

function digestOrNull(output: Json): string | null {
	try {
		canonicalize(output);
	} catch {
		return null;
	}
	return digestOf(output);
}

function notAnswered(index: number): Refusal {
	return refusal('handoffs_mismatch', `Item ${index} was not answered.`);
}

function refusal(code: string, detail: string): Refusal {
	return { code, detail };
}

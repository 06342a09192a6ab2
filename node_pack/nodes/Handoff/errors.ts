import {
	NodeApiError,
	NodeOperationError,
	type IN8nHttpFullResponse,
	type INode,
} from 'n8n-workflow';

import { isJsonObject, parseJson, type Json, type JsonObject } from './canonical';

/** Where a field of the API is set in the panel, so that an error speaks the builder's words. */
const LABELS: Record<string, string> = {
	action: 'More Facts > Action',
	allow_edit: 'Options > Allow Edits',
	amount: 'Options > Amount',
	approvals_needed: 'Options > Approvals Needed',
	approve_label: 'Options > Approve Button Label',
	attachments: 'Options > Attachments',
	category: 'More Facts > Category',
	confidence: 'Confidence',
	display: 'Display',
	evidence: 'Evidence',
	expires_in_s: 'Limit Wait Time',
	flags: 'Flags',
	instructions: 'Options > Instructions',
	intent: 'More Facts > Intent',
	model: 'Model',
	model_output: "Model's Output",
	output_digest: 'What Will Be Done',
	question: 'Question',
	queue: 'Queue',
	request: 'Request',
	response_form: 'Form Fields',
	review_above_risk: 'Review Above Risk',
	review_below_confidence: 'Review Below Confidence',
	risk_score: 'Risk Score',
	risk_tier: 'Options > Risk Tier',
	service_tier: 'Options > Service Tier',
	sla_feasible: 'Options > SLA Feasible',
	sources: 'Sources',
	time_sensitive: 'Options > Time Sensitive',
	urgency: 'Options > Urgency',
	sampling_rate: 'Sampling Rate (%)',
	sla_minutes: 'SLA (Minutes)',
	synchronous_below_confidence: 'Synchronous Below Confidence',
	synchronous_from_risk: 'Synchronous From Risk',
	threshold: 'Ask Below',
	workflow_id: 'Workflow ID',
};

/** Marks, in an error's context, that nobody answered. */
const AWAY = 'companionAway';
/** Keeps, in an error's context, the companion's own word for what happened. */
const CODE = 'companionCode';

/** What happened, in a line; without one, the title of the answer stands ("Conflict"). */
const HEADLINES: Record<string, string> = {
	already_decided: 'This handoff is decided already',
	callback_url_refused: 'The companion may not call this n8n',
	evidence_missing: 'This case needs evidence',
	features_missing: 'This case needs its features',
	idempotency_key_reused: 'This run was sent before with other contents',
	not_approved: 'Nobody approved this',
	package_unusable: 'The case cannot be sent as it is',
	output_changed: 'What would be done is not what was approved',
	executed_already: 'This was confirmed before',
	paused: 'The workflow is paused',
	policy_unavailable: 'The policy of this workflow cannot be read',
	rolled_back: 'The approval was taken back',
	scope_missing: 'The API key may not do this',
	urgency_missing: 'A time-sensitive case needs its reason',
};

const MEND: Record<string, string> = {
	evidence_missing:
		'Under "Evidence", add what supports the recommendation: a title, and a text or an address.',
	features_missing:
		'Under Options > More Context, give as many features as the policy asks for, each with a name and its weight.',
	idempotency_key_reused: 'Execute the workflow again from its start.',
	paused:
		'Nothing goes through by itself until somebody resumes it on the page, under Policies; then execute the workflow again.',
	scope_missing:
		'"handoff key list" shows what a key may do; "handoff key create" makes one with more.',
};

const HINTS: Record<number, string> = {
	401: 'Open the Handoff API credential and enter a key from "handoff key create". A revoked key stays refused.',
	403: 'Use an API key that covers this workflow and this action ("handoff key list" shows what each one may do).',
	413: 'Send fewer items at once, or smaller values and attachments.',
};

/** Which items of the node's input a request is about. */
export interface ItemsOfRequest {
	/** The item that an error names when the answer itself names none. */
	itemIndex?: number;
	/** Where a request with several items names one by its place: the place of each in the node's input. */
	indices?: number[];
}

/** What a non-2xx answer means, from its problem+json (RFC 9457) where it has one. */
export function refusedByCompanion(
	node: INode,
	url: string,
	{ statusCode, body }: IN8nHttpFullResponse,
	items: ItemsOfRequest = {},
): NodeApiError {
	const { itemIndex } = items;
	const problem = problemIn(body);
	if (problem === null) {
		return new NodeApiError(
			node,
			{ message: 'Not a companion' },
			{
				message: `The address answered with HTTP ${statusCode}, but not as a Handoff companion does`,
				description: `Check the Base URL of the Handoff API credential: ${url} was called, and something else answered.`,
				httpCode: String(statusCode),
				itemIndex,
			},
		);
	}
	const place = placeOf(problem.field, items);
	const code = String(problem.code);
	const error = new NodeApiError(node, problem, {
		message: HEADLINES[code] ?? String(problem.title ?? 'The companion refused the request'),
		description: [
			place.words,
			problem.detail,
			...furtherErrors(problem.errors, items),
			...furtherProblems(problem.problems),
			MEND[code] ?? HINTS[statusCode],
		]
			.filter((part) => typeof part === 'string' && part !== '')
			.join(' '),
		httpCode: String(statusCode),
		itemIndex: place.itemIndex,
	});
	error.context[CODE] = code;
	return error;
}

export function unreachable(
	node: INode,
	url: string,
	cause: Error,
	itemIndex?: number,
): NodeApiError {
	const error = new NodeApiError(
		node,
		{ message: 'Companion unreachable' },
		{
			message: 'The Handoff companion did not answer',
			description: `${url} could not be reached (${cause.message}). Check that the companion runs, and that the Base URL of the Handoff API credential is right as seen from n8n: inside a container, localhost is the container itself.`,
			itemIndex,
		},
	);
	error.context[AWAY] = true;
	return error;
}

/** Whether an error says that the companion is away or busy, and not that it refused something. */
export function isAway(error: unknown): boolean {
	if (!(error instanceof NodeApiError)) return false;
	if (error.context[AWAY] === true) return true;
	const status = Number(error.httpCode);
	return status >= 500 || status === 429 || status === 408;
}

/** The companion's own word for what it refused (the `code` of its problem), or `null`. */
export function codeOf(error: unknown): string | null {
	const code = error instanceof NodeApiError ? error.context[CODE] : null;
	return typeof code === 'string' ? code : null;
}

/** A setting or an item that cannot be sent as it is. */
export function unusable(
	node: INode,
	message: string,
	description: string,
	itemIndex?: number,
): NodeOperationError {
	return new NodeOperationError(node, message, { description, itemIndex, level: 'warning' });
}

/** Any error as one of n8n's own kinds, which the editor shows with their details. */
export function asNodeError(
	node: INode,
	error: unknown,
	itemIndex?: number,
): NodeApiError | NodeOperationError {
	if (error instanceof NodeApiError || error instanceof NodeOperationError) return error;
	return new NodeOperationError(node, error as Error, { itemIndex });
}

function problemIn(body: unknown): JsonObject | null {
	const parsed = typeof body === 'string' ? parseJson(body) : body;
	return isJsonObject(parsed) && typeof parsed.code === 'string' ? parsed : null;
}

function furtherErrors(errors: Json | undefined, items: ItemsOfRequest): string[] {
	if (!Array.isArray(errors)) return [];
	return errors.filter(isJsonObject).map(({ field, detail }) => {
		const { words } = placeOf(field, { indices: items.indices });
		return `${words} ${String(detail ?? '')}`.trim();
	});
}

/** What else is wrong with settings; the first problem is the detail already. */
function furtherProblems(problems: Json | undefined): string[] {
	if (!Array.isArray(problems)) return [];
	return problems
		.slice(1)
		.filter(isJsonObject)
		.map(({ pointer, sentence }) => {
			const { words } = placeOf(`/settings${String(pointer ?? '')}`, {});
			return `${words} ${String(sentence ?? '')}`.trim();
		});
}

/**
 * "/handoffs/2/confidence" and "/items/2/confidence" are the request's item 2, setting Confidence;
 * "/settings/thresholds/review_above_risk" is that setting; "/confidence" is the item at hand.
 */
function placeOf(
	field: Json | undefined,
	{ itemIndex, indices }: ItemsOfRequest,
): { words: string; itemIndex: number | undefined } {
	const match = /^(?:\/(?:handoffs|items)\/(\d+)|\/settings(?:\/thresholds)?)?(?:\/([^/]+))?/.exec(
		typeof field === 'string' ? field : '',
	);
	const place = match?.[1] === undefined ? undefined : Number(match[1]);
	const index = place === undefined ? itemIndex : (indices?.[place] ?? place);
	const name = match?.[2];
	const parts = [
		index === undefined ? '' : `item ${index}`,
		name === undefined ? '' : (LABELS[name] ?? name),
	].filter((part) => part !== '');
	const words = parts.length === 0 ? '' : `In ${parts.join(', ')}:`;
	return { words, itemIndex: index };
}

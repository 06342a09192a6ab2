import {
	sleep,
	type IDataObject,
	type IExecuteFunctions,
	type IHttpRequestMethods,
	type IN8nHttpFullResponse,
} from 'n8n-workflow';

import { isJsonObject, type JsonObject } from './canonical';
import { refusedByCompanion, unreachable, type ItemsOfRequest } from './errors';

export const CREDENTIAL = 'handoffApi';

const TIMEOUT_MS = 30_000;
/** Waits before another try of a request that may be repeated, unless the answer names its own (Retry-After). */
const RETRY_DELAYS_MS = [1_000, 3_000];
const LONGEST_RETRY_DELAY_MS = 10_000;
const BUSY_STATUSES = new Set([429, 502, 503, 504]);

export interface CompanionRequest extends ItemsOfRequest {
	method: IHttpRequestMethods;
	/** Path under the base URL, for example `/v1/handoffs`. */
	path: string;
	query?: IDataObject;
	body?: IDataObject;
	/** Sent as Idempotency-Key, so that a repeated request opens nothing twice. */
	idempotencyKey?: string;
}

/**
 * One call of the companion with the credential's API key; returns the JSON object of a 2xx answer.
 *
 * Reads, and writes with an idempotency key, are tried again when the companion is away or busy. Throws a
 * `NodeApiError` that says what happened and how to mend it.
 */
export async function callCompanion(
	context: IExecuteFunctions,
	request: CompanionRequest,
): Promise<JsonObject> {
	const { baseUrl } = await context.getCredentials<{ baseUrl: string }>(CREDENTIAL);
	const url = `${baseUrl.trim().replace(/\/+$/, '')}${request.path}`;
	const mayRepeat = request.method === 'GET' || request.idempotencyKey !== undefined;

	let outcome = await send(context, url, request);
	for (const delayMs of mayRepeat ? RETRY_DELAYS_MS : []) {
		if (!isPassing(outcome)) break;
		await sleep(retryAfterMs(outcome) ?? delayMs);
		outcome = await send(context, url, request);
	}

	if (outcome instanceof Error) {
		throw unreachable(context.getNode(), url, outcome, request.itemIndex);
	}
	if (outcome.statusCode < 200 || outcome.statusCode > 299 || !isJsonObject(outcome.body)) {
		throw refusedByCompanion(context.getNode(), url, outcome, request);
	}
	return outcome.body;
}

async function send(
	context: IExecuteFunctions,
	url: string,
	{ method, query, body, idempotencyKey }: CompanionRequest,
): Promise<IN8nHttpFullResponse | Error> {
	try {
		return (await context.helpers.httpRequestWithAuthentication.call(context, CREDENTIAL, {
			method,
			url,
			qs: query,
			body,
			headers: idempotencyKey === undefined ? {} : { 'Idempotency-Key': idempotencyKey },
			json: true,
			returnFullResponse: true,
			ignoreHttpStatusErrors: true,
			// A redirect would carry the API key to another host.
			disableFollowRedirect: true,
			timeout: TIMEOUT_MS,
		})) as IN8nHttpFullResponse;
	} catch (error) {
		return error instanceof Error ? error : new Error(String(error));
	}
}

function isPassing(outcome: IN8nHttpFullResponse | Error): boolean {
	return outcome instanceof Error || BUSY_STATUSES.has(outcome.statusCode);
}

function retryAfterMs(outcome: IN8nHttpFullResponse | Error): number | null {
	if (outcome instanceof Error) return null;
	const seconds = Number(outcome.headers['retry-after'] ?? Number.NaN);
	return Number.isFinite(seconds) ? Math.min(seconds * 1000, LONGEST_RETRY_DELAY_MS) : null;
}

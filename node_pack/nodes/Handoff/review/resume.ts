import type { INodeExecutionData, IWebhookFunctions, IWebhookResponseData } from 'n8n-workflow';

import { signatureProblem, splitSecrets, type SignatureProblem } from '../standardWebhooks';
import { CREDENTIAL } from '../transport';
import { isAgentReview } from './agentReview';
import { parseCallback } from './callback';
import { inertPage } from './inertPage';
import { measure, type Refusal } from './measure';
import { agentAnswer, itemsByOutput } from './outputs';
import { recall, type WaitRecord } from './waitRecord';

/** Name of the query parameter that carries the idempotency key inside n8n's signed resume URL. */
export const KEY_PARAMETER = 'handoff_key';

const SIGNATURE_DETAILS: Record<SignatureProblem, string> = {
	signature_missing: 'The call has no webhook-id, webhook-timestamp and webhook-signature header.',
	signature_invalid:
		'The call is not signed with the Signing Secret of the Handoff API credential. After a change of the secret, enter the new and the old one.',
	timestamp_out_of_tolerance:
		'The call was signed more than five minutes ago or ahead. Check the clocks of n8n and of the companion.',
	signing_secret_invalid:
		'The Handoff API credential holds no usable Signing Secret: enter the whsec_… that "handoff key create" printed.',
};

interface Taken {
	webhookId: string;
	items: INodeExecutionData[][];
}

/**
 * Answers a call of the resume URL. Only a signed callback that fits what this wait sent lets the execution go on;
 * any other call is refused and the execution goes on waiting.
 *
 * Never throws: n8n takes an error here for the end of the wait, and would go on without an answer.
 */
export async function resume(context: IWebhookFunctions): Promise<IWebhookResponseData> {
	try {
		if (context.getRequestObject().method !== 'POST') return showInertPage(context);
		const verdict = await judge(context);
		if ('code' in verdict) return refuse(context, 400, verdict);
		return {
			workflowData: verdict.items,
			webhookResponse: { handoff_ack: verdict.webhookId },
		};
	} catch (error) {
		context.logger.error('Handoff: the answer could not be read', { error });
		// 503, so that the companion tries again: the fault is ours and may pass.
		return refuse(context, 503, {
			code: 'node_failed',
			detail:
				'The node could not read the answer. It will be asked again; the cause is in the log of n8n.',
		});
	}
}

async function judge(context: IWebhookFunctions): Promise<Taken | Refusal> {
	const { rawBody } = context.getRequestObject() as unknown as { rawBody?: Buffer };
	if (rawBody === undefined || rawBody.length === 0) {
		return { code: 'body_missing', detail: 'The call has no body, so it holds no answer.' };
	}
	const headers = context.getHeaderData();
	const webhookId = single(headers['webhook-id']);
	const { signingSecret } = await context.getCredentials<{ signingSecret?: string }>(CREDENTIAL);
	const problem = signatureProblem(
		{
			id: webhookId,
			timestamp: single(headers['webhook-timestamp']),
			signatures: single(headers['webhook-signature']),
			rawBody,
		},
		splitSecrets(signingSecret ?? ''),
		Date.now(),
	);
	if (problem !== null) return { code: problem, detail: SIGNATURE_DETAILS[problem] };

	const callback = parseCallback(rawBody);
	if (callback === null) {
		return {
			code: 'body_malformed',
			detail: 'The body is not a handoff.group.completed callback.',
		};
	}
	const record = recall(context);
	if (record === null) {
		return {
			code: 'not_waiting',
			detail: 'This execution does not wait for an answer at this node.',
		};
	}
	if (signedKey(context) !== record.key) {
		return {
			code: 'idempotency_key_mismatch',
			detail: 'The address belongs to an earlier wait of this execution, which is over.',
		};
	}
	const settled = measure(callback, record, isAgentReview(context.getNode()));
	if (!Array.isArray(settled)) return settled;
	return {
		webhookId: webhookId as string,
		items: isAgentReview(context.getNode())
			? agentAnswer(settled[0])
			: itemsByOutput(settled, inputItems(context, record)),
	};
}

/** The key inside n8n's HMAC: what n8n verified belongs to this very wait. */
function signedKey(context: IWebhookFunctions): unknown {
	return (context.getQueryData() as Record<string, unknown>)[KEY_PARAMETER];
}

/** `webhook()` has no getInputData; n8n still holds the input of the waiting node, item by item. */
function inputItems(context: IWebhookFunctions, { handoffs }: WaitRecord): INodeExecutionData[] {
	return handoffs.map(
		(_, index) =>
			context.evaluateExpression('{{ $input.item }}', index) as unknown as INodeExecutionData,
	);
}

function refuse(
	context: IWebhookFunctions,
	status: number,
	{ code, detail }: Refusal,
): IWebhookResponseData {
	context
		.getResponseObject()
		.status(status)
		.set('Cache-Control', 'no-store')
		.json({ handoff_refused: code, detail });
	return { noWebhookResponse: true };
}

/** A GET may be a person, a link preview or a scanner; none of them decides here. */
function showInertPage(context: IWebhookFunctions): IWebhookResponseData {
	context
		.getResponseObject()
		.status(200)
		.set(inertPage.headers)
		.send(inertPage.html(recall(context)?.review_url));
	return { noWebhookResponse: true };
}

function single(header: string | string[] | undefined): string | undefined {
	return Array.isArray(header) ? header[0] : header;
}

import {
	updateDisplayOptions,
	WAIT_INDEFINITELY,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type INodeProperties,
} from 'n8n-workflow';

import { digestOf, isJsonObject, type JsonObject } from '../canonical';
import { unusable } from '../errors';
import {
	addressFields,
	contentFields,
	displayFields,
	modelFields,
	reasonFields,
	supportFields,
} from '../panel/caseFields';
import { limitWaitTimeFields } from '../panel/limitWaitTime';
import { commonOptions, itemOptions, optionsField } from '../panel/options';
import { responseFields } from '../panel/responseFields';
import { isAgentReview } from '../review/agentReview';
import { expiresInSeconds } from '../review/deadline';
import { idempotencyKey } from '../review/idempotencyKey';
import { OUTPUT_NAMES } from '../review/outputs';
import { keepPairing } from '../review/pairing';
import { readCase, type Case } from '../review/readCase';
import { KEY_PARAMETER } from '../review/resume';
import { source } from '../review/source';
import { remember, type SentCase } from '../review/waitRecord';
import { callCompanion } from '../transport';

/** The most items that one wait can hold; the API's limit for a group. */
const MOST_ITEMS = 500;

const forItems = { show: { operation: ['sendAndWait'] }, hide: { '@tool': [true] } };

export const description: INodeProperties[] = [
	...updateDisplayOptions({ show: { operation: ['sendAndWait'] } }, addressFields),
	...updateDisplayOptions(forItems, [...contentFields, ...reasonFields, ...responseFields]),
	...updateDisplayOptions({ show: { operation: ['sendAndWait'] } }, limitWaitTimeFields),
	...updateDisplayOptions(forItems, [
		...supportFields,
		...displayFields,
		...modelFields,
		optionsField([...commonOptions, ...itemOptions]),
	]),
	// As Human Review of an agent: what is reviewed is a tool call, and it cannot be edited.
	...updateDisplayOptions({ show: { operation: ['sendAndWait'], '@tool': [true] } }, [
		optionsField(commonOptions),
	]),
];

/**
 * Opens one group for all items of this run, and parks the execution until the group's callback comes.
 *
 * The wait has no end in n8n: Limit Wait Time goes to the companion, which answers when it is over, so that the
 * items leave by a reviewed path. n8n's own timer would send them on without an answer.
 */
export async function execute(context: IExecuteFunctions): Promise<INodeExecutionData[][]> {
	const items = context.getInputData();
	if (items.length > MOST_ITEMS) {
		throw unusable(
			context.getNode(),
			`${items.length} items are too many for one wait`,
			`At most ${MOST_ITEMS} items can wait together. Put a Loop Over Items node before this one, with a batch size of up to ${MOST_ITEMS}, or call a sub-workflow for each item.`,
		);
	}
	const key = idempotencyKey(context);
	const expires_in_s = expiresInSeconds(context, key);
	const cases: Case[] = [];
	for (const index of items.keys()) cases.push(await readCase(context, index));

	const group = await callCompanion(context, {
		method: 'POST',
		path: '/v1/groups',
		idempotencyKey: key,
		itemIndex: items.length === 1 ? 0 : undefined,
		body: {
			callback_url: context.getSignedResumeUrl({ [KEY_PARAMETER]: key }),
			callback_expects: 'acknowledgement',
			source: source(context),
			handoffs: cases.map(({ body }) => ({
				...body,
				...(expires_in_s === undefined ? {} : { expires_in_s }),
			})),
		} as IDataObject,
	});
	const opened = openedHandoffs(context, group, cases);
	const reviewUrl = String(group.review_url);
	remember(context, {
		key,
		group_id: String(group.id),
		review_url: reviewUrl,
		handoffs: cases.map((each, index) => sentCase(each, opened[index])),
	});
	// n8n shows metadata.resumeUrl to the tooltip of a waiting node (see waitingNodeTooltip) and keeps it with the run.
	context.setMetadata({ resumeUrl: reviewUrl });
	context.customData.set('handoff_review', reviewUrl);
	if (!isAgentReview(context.getNode())) keepPairing(context, items.length);
	await context.putExecutionToWait(WAIT_INDEFINITELY);
	// Nothing has left the node yet; an item here would be drawn on an output while the reviewer still reads.
	return OUTPUT_NAMES.map(() => []);
}

/** The handoffs of the answer, one for each case and of the same bytes; else the wait could never end. */
function openedHandoffs(
	context: IExecuteFunctions,
	group: JsonObject,
	cases: Case[],
): JsonObject[] {
	const opened = (Array.isArray(group.handoffs) ? group.handoffs : []).filter(isJsonObject);
	const differing = cases.findIndex(
		({ content }, index) =>
			opened[index]?.request_digest !== digestOf(content.request) ||
			opened[index]?.output_digest !== digestOf(content.model_output),
	);
	if (opened.length !== cases.length || differing >= 0) {
		throw unusable(
			context.getNode(),
			'The companion read something else than was sent',
			'Its answer does not fit the items. Check that nothing between n8n and the companion changes requests, and that both are up to date.',
			differing >= 0 ? differing : undefined,
		);
	}
	return opened;
}

function sentCase({ content, body }: Case, opened: JsonObject): SentCase {
	return {
		id: String(opened.id),
		request: content.request,
		model_output: content.model_output,
		edit_target: content.edit_target,
		allow_edit: body.allow_edit !== false,
		form: isJsonObject(body.response_form) ? body.response_form : null,
	};
}

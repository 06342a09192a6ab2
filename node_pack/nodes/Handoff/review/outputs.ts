import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { isJsonObject, plainJson, type JsonObject } from '../canonical';
import { replaceFields } from '../fieldPaths';
import type { ToldOutcome } from './callback';
import type { Settled } from './measure';
import { correctionsOf } from './response';

/**
 * The outputs of Send and Wait. No Decision stands first on purpose: n8n sends the *unreviewed* items to output 0
 * when its own wait timer fires, when the node fails with "On Error: Continue" and when the node is deactivated.
 */
export const OUTPUT_NAMES = ['No Decision', 'Approved', 'Rejected'];

const OUTPUT_OF_STATE: Record<string, number> = { approved: 1, modified: 1, rejected: 2 };

/** The reviewed items on their outputs, each paired with the item that it came from. */
export function itemsByOutput(
	settled: Settled[],
	items: INodeExecutionData[],
): INodeExecutionData[][] {
	const outputs: INodeExecutionData[][] = OUTPUT_NAMES.map(() => []);
	for (const outcome of settled) {
		const { index, state } = outcome.told;
		const item = items[index];
		outputs[OUTPUT_OF_STATE[state] ?? 0].push({
			json: {
				...(itemAfterEdit(outcome, plainJson(item.json) as JsonObject) as IDataObject),
				...answerOf(outcome),
				handoff: recordOf(outcome),
			},
			...(item.binary === undefined ? {} : { binary: item.binary }),
			pairedItem: { item: index },
		});
	}
	return outputs;
}

/**
 * The one item that answers an AI agent. Nothing of the input stands beside the answer: n8n reads a top-level
 * `approved` before ours, and the input is written by the model. `approved` is true or false, never null.
 */
export function agentAnswer(outcome: Settled): INodeExecutionData[][] {
	const { data } = answerOf(outcome);
	const approved = outcome.told.approved === true;
	const words = approved ? {} : { chatInput: denialInWords(outcome.told) };
	return [
		[
			{
				json: { data: { ...data, approved, ...words }, handoff: recordOf(outcome) },
				pairedItem: { item: 0 },
			},
		],
	];
}

/**
 * n8n's own shape for the answer of a person; where none answered, there is no responder. The answers to a form stand
 * under `response`, where no field of it can pass for `approved`; the one of a free text is also n8n's own `text`.
 */
function answerOf({ sent, told, response }: Settled) {
	const { approved, cause, decided_at, decided_by } = told;
	const { id = null, name = null, email = null } = decided_by ?? {};
	const hasResponder = approved !== null && cause === null && id !== null;
	return {
		data: {
			approved,
			respondedAt: decided_at,
			responder: hasResponder
				? { id, name, username: email ?? name, email, source: 'handoff' }
				: null,
			...(sent.form ? { response } : {}),
			...(isFreeText(sent.form) ? { text: response?.text ?? null } : {}),
		},
	};
}

function isFreeText(form: JsonObject | null): boolean {
	return isJsonObject(form?.properties) && Object.keys(form.properties).join() === 'text';
}

function recordOf({ sent, told, output, response }: Settled): IDataObject {
	return {
		id: told.id,
		index: told.index,
		state: told.state,
		decision_action: told.decision_action,
		output,
		edited: told.edited,
		response,
		// Worked out from what this node prefilled, and not taken from the callback.
		corrections: sent.form && response ? correctionsOf(sent.form, response) : [],
		gate_results: told.gate_results,
		reason_code: told.reason_code,
		rationale: told.rationale,
		cause: told.cause,
		model_output: sent.model_output,
		event_id: told.event_id,
		event: told.event,
		digests: {
			request: told.request_digest,
			output: told.output_digest,
			final_output: told.final_output_digest,
			package: told.package_digest,
		},
		review_url: told.review_url,
	} as IDataObject;
}

/** What was edited replaces what was not, so that the next node cannot use the unapproved text by mistake. */
function itemAfterEdit({ sent, told, output }: Settled, json: JsonObject): JsonObject {
	if (!told.edited || !isJsonObject(output) || sent.edit_target === null) return json;
	return sent.edit_target === 'item'
		? output
		: replaceFields(json, sent.edit_target.fields, output);
}

/** For the agent: why it may not run the tool, so that a silence does not read as a no. */
function denialInWords({ state, cause, reason_code, rationale, decided_by }: ToldOutcome): string {
	const why = [reason_code?.replaceAll('_', ' '), rationale].filter(Boolean).join(': ');
	const reason = why === '' ? '' : ` Reason: ${why}.`;
	if (state === 'rejected') {
		const who = typeof decided_by?.name === 'string' ? decided_by.name : 'The reviewer';
		return `${who} rejected this tool call. Do not run it.${reason}`;
	}
	if (cause === 'expired')
		return 'Nobody answered in time, so this tool call was neither approved nor rejected. Do not run it.';
	if (cause === 'withdrawn')
		return `The request for approval was withdrawn. Do not run this tool call.${reason}`;
	if (cause === 'stopped')
		return `This workflow is stopped at present. Do not run this tool call.${reason}`;
	return `There is no approval for this tool call (${state}). Do not run it.${reason}`;
}

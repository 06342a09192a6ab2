import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import {
	canonicalize,
	isJsonObject,
	NotCanonicalError,
	parseJson,
	plainJson,
	type Json,
	type JsonObject,
} from '../canonical';
import { asNodeError, unusable } from '../errors';
import { names, text, withoutEmpty } from '../fieldValues';
import { instantOf } from '../times';
import { contentOfToolCall, isAgentReview, questionIn } from './agentReview';
import { attachmentsOf } from './attachments';
import {
	contentOf,
	UnusableContentError,
	type Content,
	type OutputSource,
	type RequestSource,
} from './content';
import { evidenceOf, sourcesOf } from './support';
import { formFromJson, formOf, freeTextForm, type FormAndRemarks } from './form';
import { amountOf, unitNumber } from './numbers';
import { workflowId } from './workflowId';

export interface Case {
	content: Content;
	/** The opening body of the API (`POST /v1/handoffs`), without callback and source. */
	body: JsonObject;
}

interface Options {
	allowEdit?: boolean;
	approvalsNeeded?: number;
	confidenceKind?: string;
	reversible?: boolean;
	riskTier?: string;
	serviceTier?: number;
	slaFeasible?: string;
	timeSensitive?: boolean;
	/** Texts and JSON come from expressions too, so anything may stand in them. */
	[text: string]: unknown;
}

const SLA_FEASIBLE: Record<string, boolean> = { yes: true, no: false };

/** What one item asks of a person, from the panel's settings. Throws a `NodeOperationError` that names the item. */
export async function readCase(context: IExecuteFunctions, itemIndex: number): Promise<Case> {
	try {
		return await caseOf(context, itemIndex);
	} catch (error) {
		if (error instanceof UnusableContentError) {
			throw unusable(context.getNode(), error.message, error.mend, itemIndex);
		}
		if (error instanceof NotCanonicalError) {
			throw unusable(
				context.getNode(),
				`The item cannot be sent: ${error.message}`,
				'A text that was cut in the middle of an emoji does this: cut it with toWellFormed(), or leave the field out.',
				itemIndex,
			);
		}
		throw asNodeError(context.getNode(), error, itemIndex);
	}
}

async function caseOf(context: IExecuteFunctions, itemIndex: number): Promise<Case> {
	const setting = <T>(name: string, fallback: T) =>
		context.getNodeParameter(name, itemIndex, fallback) as T;
	const options = setting<Options>('options', {});
	const agent = isAgentReview(context.getNode());
	const message = text(setting<unknown>('message', '')) ?? '';
	const item = plainJson(context.getInputData()[itemIndex].json) as JsonObject;

	const content = agent
		? contentOfToolCall(item, message)
		: contentOf(item, {
				outputSource: setting<OutputSource>('outputSource', 'auto'),
				outputFields: setting('outputFields', ''),
				outputJson: setting<unknown>('outputJson', null),
				requestSource: setting<RequestSource>('requestSource', 'rest'),
				requestFields: setting('requestFields', ''),
				requestJson: setting<unknown>('requestJson', null),
			});
	// Refused here, where the item can be named, and not by a digest that never matches.
	canonicalize(content.request);
	canonicalize(content.model_output);
	const more = moreContext(options.moreContext);
	const form = agent ? null : formAt(context, itemIndex);
	canonicalize(form ?? more.response_form ?? null);

	const body = {
		workflow_id: workflowId(setting<unknown>('workflowId', ''), context.getWorkflow().id ?? ''),
		task_id: text(options.taskId) ?? `${context.getExecutionId()}-${itemIndex}`,
		title: text(options.title) ?? context.getWorkflow().name,
		question: questionIn(message),
		approve_label: text(options.approveLabel),
		instructions: lines(text(options.instructions) ?? ''),
		request: content.request,
		model_output: content.model_output,
		confidence: unitNumber(context, 'Confidence', setting<unknown>('confidence', null), itemIndex),
		confidence_kind: options.confidenceKind,
		threshold: unitNumber(context, 'Ask Below', setting<unknown>('askBelow', null), itemIndex),
		risk_score: unitNumber(context, 'Risk Score', setting<unknown>('riskScore', null), itemIndex),
		risk_tier: options.riskTier,
		reversible: options.reversible,
		flags: names(setting<unknown>('flags', '')),
		impact: text(options.impact),
		urgency: text(options.urgency),
		time_sensitive: options.timeSensitive,
		sla_feasible: SLA_FEASIBLE[options.slaFeasible ?? ''],
		amount: amountOf(context, options.amount, itemIndex),
		category: text(options.category),
		service_tier: options.serviceTier,
		approvals_needed: options.approvalsNeeded,
		evidence: [...evidenceOf(setting<IDataObject>('evidence', {})), ...list(more.evidence)],
		sources: [
			...sourcesOf(setting<IDataObject>('sources', {}), context.getTimezone()),
			...list(more.sources),
		],
		response_form: form ?? undefined,
		rationale: text(options.rationale),
		requester: text(options.requester),
		model: modelFacts(setting<IDataObject>('model', {}), context.getTimezone()),
		display: (setting<IDataObject>('display', {}).field ?? null) as Json,
		attachments: await attachmentsOf(context, itemIndex, text(options.attachments) ?? ''),
		allow_edit: agent ? false : options.allowEdit,
	};
	// What stands in the panel goes before what More Context says.
	return { content, body: { ...withoutEmpty(more), ...withoutEmpty(body) } };
}

/** The form of the panel for this item, or `null`; what was left out of it is shown as a hint. */
function formAt(context: IExecuteFunctions, itemIndex: number): JsonObject | null {
	const setting = (name: string, fallback: unknown) =>
		context.getNodeParameter(name, itemIndex, fallback) as unknown;
	const type = setting('responseType', 'approval');
	if (type === 'freeText') return freeTextForm();
	if (type !== 'form') return null;
	const { form, remarks }: FormAndRemarks =
		setting('defineForm', 'fields') === 'json'
			? formFromJson(setting('jsonOutput', null))
			: formOf(setting('formFields.values', []));
	for (const remark of remarks) {
		context.addExecutionHints({
			message: `Item ${itemIndex}: ${remark}`,
			location: 'outputPane',
		});
	}
	return form;
}

function list(value: Json | undefined): Json[] {
	return Array.isArray(value) ? value : [];
}

function moreContext(value: unknown): JsonObject {
	if (value === undefined || value === '') return {};
	const parsed = typeof value === 'string' ? parseJson(value) : plainJson(value);
	if (!isJsonObject(parsed)) {
		throw new UnusableContentError(
			'"More Context" is not an object',
			'Write it as JSON in braces, for example {"evidence": [{"title": "Contract"}]}.',
		);
	}
	return parsed;
}

function lines(several: string): string[] {
	return several
		.split('\n')
		.map((line) => line.trim())
		.filter((line) => line !== '');
}

function modelFacts(facts: IDataObject, timeZone: string): JsonObject {
	const { retrainedAt, ...texts } = facts;
	const retrained = retrainedAt ? instantOf(retrainedAt, timeZone) : null;
	if (Number.isNaN(retrained)) {
		throw new UnusableContentError(
			'"Retrained At" is not a date',
			'Choose a date, or give one as 2026-10-01T00:00:00Z.',
		);
	}
	return withoutEmpty({
		...Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, text(value)])),
		retrained_at: retrained === null ? undefined : new Date(retrained).toISOString(),
	});
}

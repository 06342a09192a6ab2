import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import {
	canonicalize,
	NotCanonicalError,
	plainJson,
	type JsonObject,
} from '../../Handoff/canonical';
import { names, text, withoutEmpty } from '../../Handoff/fieldValues';
import { asNodeError, unusable } from '../../Handoff/errors';
import {
	contentOf,
	UnusableContentError,
	type OutputSource,
	type RequestSource,
} from '../../Handoff/review/content';
import { workflowId } from '../../Handoff/review/workflowId';

/** What one item says about itself. */
export interface ReadItem {
	/** The item as the API takes it. */
	body: JsonObject;
	/** Why it cannot be sent, in words; then it goes to a person without having been evaluated. */
	problem: string | null;
	/** What was left out because it could not be read, in words. */
	remark: string | null;
}

const FLAG = /^[a-z][a-z0-9_]{0,63}$/;
const MOST_FLAGS = 40;
const REVERSIBLE: Record<string, boolean> = { yes: true, true: true, no: false, false: false };

/**
 * The body of one item, from the panel's settings.
 *
 * What an item holds never fails the run of a thousand others: what cannot be read of it makes it stricter. Settings
 * that do not fit the item throw a `NodeOperationError` that names it.
 */
export function readItem(context: IExecuteFunctions, itemIndex: number, itemId: string): ReadItem {
	const setting = <T>(name: string, fallback: T) =>
		context.getNodeParameter(name, itemIndex, fallback) as T;
	const facts = setting<IDataObject>('moreFacts', {});
	const item = plainJson(context.getInputData()[itemIndex].json) as JsonObject;
	const content = contentAt(context, itemIndex, item);
	const confidence = score('Confidence', setting<unknown>('confidence', null));
	const risk = score('Risk Score', setting<unknown>('riskScore', null));
	const { flags, unreadable } = flagsOf(setting<unknown>('flags', ''));

	const body = withoutEmpty({
		item_id: itemId,
		workflow_id: workflowId(setting<unknown>('workflowId', ''), context.getWorkflow().id ?? ''),
		task_id: text(facts.taskId) ?? itemId,
		title: [...(text(facts.title) ?? context.getWorkflow().name ?? '')].slice(0, 300).join(''),
		request: content.request,
		model_output: content.model_output,
		confidence: confidence.value,
		confidence_kind: text(facts.confidenceKind),
		risk_score: risk.value,
		risk_tier: text(facts.riskTier),
		reversible: REVERSIBLE[String(setting<unknown>('reversible', 'unknown'))],
		flags,
		category: text(facts.category),
		intent: text(facts.intent),
		action: text(facts.action),
		requester: text(facts.requester),
		model: withoutEmpty({
			name: text(facts.modelName),
			version: text(facts.modelVersion),
			hash: text(facts.modelHash),
		}),
		model_error: text(facts.modelError),
		prompt_characters: facts.prompt ? [...String(facts.prompt)].length : undefined,
	});
	return {
		body,
		problem:
			// Without its risk an item could look harmless, so it is not sent as one that has none.
			[risk.problem, unreadable, notSendable(body)].find((each) => each !== null) ?? null,
		remark: confidence.problem,
	};
}

function contentAt(context: IExecuteFunctions, itemIndex: number, item: JsonObject) {
	const setting = <T>(name: string, fallback: T) =>
		context.getNodeParameter(name, itemIndex, fallback) as T;
	try {
		return contentOf(item, {
			outputSource: setting<OutputSource>('outputSource', 'auto'),
			outputFields: setting('outputFields', ''),
			outputJson: setting<unknown>('outputJson', null),
			requestSource: setting<RequestSource>('requestSource', 'rest'),
			requestFields: setting('requestFields', ''),
			requestJson: setting<unknown>('requestJson', null),
		});
	} catch (error) {
		if (error instanceof UnusableContentError) {
			throw unusable(context.getNode(), error.message, error.mend, itemIndex);
		}
		throw asNodeError(context.getNode(), error, itemIndex);
	}
}

/** A number from 0 to 1; missing is no problem, and never a number. */
function score(label: string, value: unknown): { value?: number; problem: string | null } {
	if (value === null || value === undefined || value === '') return { problem: null };
	const number = typeof value === 'string' ? Number(value.trim().replace(',', '.') || NaN) : value;
	if (typeof number === 'number' && number >= 0 && number <= 1) {
		return { value: number, problem: null };
	}
	const hint =
		typeof number === 'number' && number > 1 && number <= 100
			? ` If it is a percentage, divide it by 100: ${number / 100}.`
			: '';
	return { problem: `${label} is ${shown(value)}, but must be a number from 0 to 1.${hint}` };
}

/** Flags as the API spells them ("Legal Advice" is legal_advice). One that cannot be read must not just be dropped. */
function flagsOf(value: unknown): { flags: string[]; unreadable: string | null } {
	const flags = names(value).map((name) =>
		name
			.trim()
			.toLowerCase()
			.replace(/[^a-z0-9]+/g, '_')
			.replace(/^_+|_+$/g, ''),
	);
	const wrong = flags.findIndex((flag) => !FLAG.test(flag));
	if (wrong >= 0) {
		return {
			flags: [],
			unreadable: `Flags has ${shown(names(value)[wrong])}, but a flag is a word such as pii or access_change.`,
		};
	}
	return flags.length <= MOST_FLAGS
		? { flags, unreadable: null }
		: { flags: [], unreadable: `Flags has ${flags.length} entries; ${MOST_FLAGS} are the most.` };
}

function notSendable(body: JsonObject): string | null {
	try {
		canonicalize(body);
		return null;
	} catch (error) {
		return `The item cannot be sent: ${(error as NotCanonicalError).message}.`;
	}
}

function shown(value: unknown): string {
	const words = typeof value === 'string' ? value : JSON.stringify(value);
	return `"${words.length > 60 ? `${words.slice(0, 60)}…` : words}"`;
}

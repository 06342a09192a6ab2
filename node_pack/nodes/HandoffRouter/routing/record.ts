import type { IDataObject } from 'n8n-workflow';

import { isJsonObject, type Json, type JsonObject } from '../../Handoff/canonical';
import { SAFE_ROUTE } from './routes';

/** Why an item has no evaluation. */
export type Cause =
	| 'answer_not_understood'
	| 'companion_unreachable'
	| 'item_unusable'
	| 'node_failed'
	| 'paused';

/** The record of an item that the companion evaluated: all of its answer, and the deciding sentence on top. */
export function evaluatedRecord(evaluation: JsonObject): JsonObject {
	return {
		evaluated: true,
		route: evaluation.route,
		words: wordsOf(evaluation),
		cause: null,
		...evaluation,
	};
}

/** The record of an item that nobody evaluated. It goes to a person. */
export function unevaluatedRecord(cause: Cause, words: string): JsonObject {
	return { evaluated: false, route: SAFE_ROUTE, words, cause, event_id: null };
}

/** The item's own fields, with the record under `field`. */
export function withRecord(json: IDataObject, field: string, record: JsonObject): IDataObject {
	const earlier = json[field];
	return {
		...json,
		[field]: isRecord(earlier) ? { ...record, previous: withoutPrevious(earlier) } : record,
	} as IDataObject;
}

/** Whether something that the builder made stands where the record goes; only a record of ours may be moved. */
export function isTaken(json: IDataObject, field: string): boolean {
	const there = json[field];
	return there !== undefined && there !== null && !isRecord(there);
}

function isRecord(value: unknown): value is JsonObject {
	return (
		isJsonObject(value) && typeof value.evaluated === 'boolean' && typeof value.route === 'string'
	);
}

function withoutPrevious(record: JsonObject): JsonObject {
	return Object.fromEntries(Object.entries(record).filter(([name]) => name !== 'previous'));
}

/**
 * What the stage says that decided: the first one that came to the route. Every stage begins at auto_commit, so there
 * it is the bands, which looked at the numbers.
 */
function wordsOf({ route, trace }: JsonObject): Json {
	const stages = Array.isArray(trace) ? trace.filter(isJsonObject) : [];
	const deciding = stages.find((stage) =>
		route === 'auto_commit' ? stage.stage === 'bands' : stage.route === route,
	);
	return deciding?.words ?? null;
}

import { isJsonObject, type Json, type JsonObject } from '../../Handoff/canonical';
import { evaluatedRecord, unevaluatedRecord } from './record';
import { isRoute } from './routes';

/** Routes on which nobody looks at the item before it takes effect, and the lane that belongs to each. */
const LANE_OF_UNSEEN: Record<string, string> = {
	auto_commit: 'auto_approve',
	auto_reject: 'reject',
};

/**
 * The record of each item out of the companion's answer, in the order in which they were sent.
 *
 * Nothing in an answer is taken on trust: an item whose evaluation is missing, names no route that this node knows, or
 * contradicts itself, goes to a person.
 */
export function recordsOf({ items }: JsonObject, itemIds: string[]): JsonObject[] {
	const isWhole = Array.isArray(items) && items.length === itemIds.length;
	return itemIds.map((itemId, index) => recordOf(isWhole ? items[index] : null, itemId));
}

function recordOf(evaluation: Json, itemId: string): JsonObject {
	const problem = isJsonObject(evaluation)
		? problemOf(evaluation, itemId)
		: 'It does not have one evaluation for each item.';
	return problem === null
		? evaluatedRecord(evaluation as JsonObject)
		: unevaluatedRecord(
				'answer_not_understood',
				`The companion's answer about this item cannot be relied on, so a person decides. ${problem}`,
			);
}

function problemOf(evaluation: JsonObject, itemId: string): string | null {
	const { id, item_id, route, lane, paused, trace } = evaluation;
	if (item_id !== itemId) return `It is about "${String(item_id)}", not about "${itemId}".`;
	if (typeof id !== 'string' || id === '') return 'It has no ID.';
	if (!isRoute(route))
		return `It names the route "${String(route)}", which this node does not know.`;
	if (!Array.isArray(trace)) return 'It does not say how the route was found.';
	const laneOfUnseen = LANE_OF_UNSEEN[route];
	if (laneOfUnseen === undefined) return null;
	if (lane !== laneOfUnseen) return `Its route is ${route}, but its lane is ${String(lane)}.`;
	if (paused !== null && paused !== undefined) {
		return `Its route is ${route}, although automatic decisions are paused.`;
	}
	return null;
}

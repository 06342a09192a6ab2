import type { JsonObject } from '../../Handoff/canonical';

/** As many items as the node sends in one request. */
export const BATCH_ITEMS = 100;
/** The companion takes 1 MiB of characters at once, so that no request keeps the others waiting. */
const BATCH_CHARACTERS = 1_000_000;

/** One item, ready to be sent. */
export interface Sendable {
	/** Its place in the input. */
	index: number;
	body: JsonObject;
	/** The thresholds that hold for it, or `null` for the stored policy's. */
	settings: JsonObject | null;
}

export interface Batch {
	settings: JsonObject | null;
	items: Sendable[];
}

/** Cuts the items into requests: in order, and only items with the same settings together. */
export function batchesOf(items: Sendable[]): Batch[] {
	const open = new Map<string, { batch: Batch; characters: number }>();
	const batches: Batch[] = [];
	for (const item of items) {
		const key = JSON.stringify(item.settings);
		const characters = JSON.stringify(item.body).length;
		const current = open.get(key);
		const hasRoom =
			current !== undefined &&
			current.batch.items.length < BATCH_ITEMS &&
			current.characters + characters <= BATCH_CHARACTERS;
		if (hasRoom) {
			current.batch.items.push(item);
			current.characters += characters;
		} else {
			const batch = { settings: item.settings, items: [item] };
			batches.push(batch);
			open.set(key, { batch, characters });
		}
	}
	return batches;
}

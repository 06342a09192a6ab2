import type { IDataObject, INode } from 'n8n-workflow';

import { isJsonObject, type JsonObject } from '../nodes/Handoff/canonical';
import { HandoffRouter } from '../nodes/HandoffRouter/HandoffRouter.node';
import { SECRET } from './callback';
import { StandInCompanion, type Answer, type ReceivedRequest } from './companion.mts';
import { Execution } from './n8n';

export interface SentRoutes {
	items: JsonObject[];
	settings: JsonObject | null;
	open: boolean;
}

/** What the companion says about an item that raised nothing; `changes` is what differs. */
export function evaluation(item: JsonObject, changes: JsonObject = {}): JsonObject {
	const { route = 'auto_commit' } = changes;
	return {
		id: `rt_${String(item.item_id)}`,
		item_id: item.item_id,
		route,
		lane:
			route === 'auto_commit'
				? 'auto_approve'
				: route === 'auto_reject'
					? 'reject'
					: 'human_review',
		queue: null,
		synchronous: route === 'synchronous_human_review',
		risk_score: 0.1,
		sample: null,
		flags: [],
		trace: [
			{
				stage: 'stop_the_line',
				outcome: 'passed',
				route: 'auto_commit',
				words: 'Nothing stops it.',
			},
			{ stage: 'bands', outcome: 'decided', route, words: `The bands say ${String(route)}.` },
			{ stage: 'sampling', outcome: 'passed', route, words: 'Not sampled.' },
		],
		policy: { id: 'default', version: 1 },
		paused: null,
		event_id: '00000000-0000-4000-8000-000000000000',
		...changes,
	};
}

/** A companion that gives each item the evaluation that `judge` makes of it. */
export async function evaluatingCompanion(
	judge: (item: JsonObject) => JsonObject = (item) => evaluation(item),
): Promise<StandInCompanion> {
	return await StandInCompanion.start(({ body }): Answer => {
		const { items } = body as SentRoutes;
		return { status: 200, body: { items: items.map(judge) } };
	});
}

export function sentRoutes({ body }: ReceivedRequest): SentRoutes {
	if (!isJsonObject(body)) throw new Error('The request had no body.');
	return body as unknown as SentRoutes;
}

/** The router in one execution. */
export function routing(
	companion: StandInCompanion,
	items: IDataObject[],
	parameters: IDataObject = {},
	node: Partial<INode> = {},
): Execution {
	return new Execution({
		type: new HandoffRouter(),
		items,
		parameters,
		node,
		credential: { baseUrl: companion.url, apiKey: 'hk_test', signingSecret: SECRET },
	});
}

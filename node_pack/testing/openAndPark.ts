import type { IDataObject, INode } from 'n8n-workflow';

import type { Json, JsonObject } from '../nodes/Handoff/canonical';
import { groupCompleted, openedGroup, outcome, SECRET, signed } from './callback';
import { StandInCompanion, type Answer, type ReceivedRequest } from './companion.mts';
import { Execution } from './n8n';

export interface SentCase extends JsonObject {
	request: Json;
	model_output: Json;
}

interface GroupBody {
	callback_url: string;
	callback_expects: string;
	source: JsonObject;
	handoffs: SentCase[];
}

/** A companion that opens every group it is asked to open. */
export async function openingCompanion(): Promise<StandInCompanion> {
	let groups = 0;
	return await StandInCompanion.start(({ body }): Answer => {
		groups += 1;
		return { status: 201, body: openedGroup(`gr_${groups}`, (body as GroupBody).handoffs) };
	});
}

export function execution(
	companion: StandInCompanion,
	items: IDataObject[],
	parameters: IDataObject = {},
	node: Partial<INode> = {},
	signingSecret = SECRET,
): Execution {
	return new Execution({
		items,
		parameters,
		node,
		credential: { baseUrl: `${companion.url}/`, apiKey: 'hk_test', signingSecret },
	});
}

/** The group that a request opened. */
export class SentGroup {
	readonly body: GroupBody;

	readonly key: string;

	constructor(
		request: ReceivedRequest,
		readonly id: string,
	) {
		this.body = request.body as GroupBody;
		this.key = String(request.headers['idempotency-key']);
	}

	get handoffs(): SentCase[] {
		return this.body.handoffs;
	}

	outcome(index: number, state: string, changes: JsonObject = {}): JsonObject {
		return outcome(this.handoffs[index], this.id, index, state, changes);
	}

	/** The delivery of these outcomes to the URL that the node gave out. */
	delivery(
		outcomes: JsonObject[],
		changes: JsonObject = {},
		options: Parameters<typeof signed>[1] = {},
	) {
		const body = groupCompleted(this.id, this.key, outcomes);
		return {
			url: this.body.callback_url,
			...signed({ ...body, data: { ...(body.data as JsonObject), ...changes } }, options),
		};
	}
}

/** Runs the node until it waits, and returns what it sent. */
export async function park(parked: Execution, companion: StandInCompanion): Promise<SentGroup> {
	await parked.execute();
	const groups = companion.requests.filter(({ path }) => path === '/v1/groups');
	return new SentGroup(groups[groups.length - 1], `gr_${groups.length}`);
}

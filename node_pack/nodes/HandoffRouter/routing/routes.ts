/** Where an item can go, in the order of the node's outputs, with the companion's word for it. */
export const ROUTES = [
	{ value: 'synchronous_human_review', output: 'Synchronous Review' },
	{ value: 'asynchronous_human_review', output: 'Asynchronous Review' },
	{ value: 'auto_commit', output: 'Auto-Commit' },
	{ value: 'auto_reject', output: 'Auto-Reject' },
	{ value: 'stop_the_line', output: 'Stop the Line' },
] as const;

export type Route = (typeof ROUTES)[number]['value'];

/**
 * The route of whatever could not be evaluated. It is output 0 on purpose: n8n itself sends items there, unseen, when
 * the node is deactivated and when it fails with "On Error: Continue".
 */
export const SAFE_ROUTE: Route = 'synchronous_human_review';

export function isRoute(value: unknown): value is Route {
	return ROUTES.some((route) => route.value === value);
}

/** The number of the output; what is no route leaves by the safe one. */
export function outputOf(route: unknown): number {
	return Math.max(
		0,
		ROUTES.findIndex(({ value }) => value === route),
	);
}

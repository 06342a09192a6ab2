/** What the API takes as an identifier. */
const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/**
 * The Workflow ID of the panel as the API takes it: as it is where it can be, else in lower case with dashes for
 * everything that is no letter or digit. A name without any of those gives n8n's own id of the workflow.
 */
export function workflowId(entered: unknown, ownId: string): string {
	const name = String(entered ?? '').trim();
	if (IDENTIFIER.test(name)) return name;
	const slug = name
		.normalize('NFKD')
		.replace(/\p{Mark}/gu, '')
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, '-')
		.replace(/^-+|-+$/g, '')
		.slice(0, 128);
	return slug === '' ? ownId : slug;
}

import type { Json, JsonObject } from './canonical';
import { splitNames } from './fieldPaths';

/** A text as the API wants it, which takes no number where a text belongs; nothing for an empty one. */
export function text(value: unknown): string | undefined {
	return value === undefined || value === null || value === '' ? undefined : String(value);
}

/** Names from a comma-separated text or a list. */
export function names(value: unknown): string[] {
	return Array.isArray(value) ? value.map(String) : splitNames(String(value ?? ''));
}

/** Without what was left empty in the panel: the API takes an absent field, and refuses an empty one. */
export function withoutEmpty(fields: Record<string, Json | undefined>): JsonObject {
	const always = new Set(['request', 'model_output']);
	return Object.fromEntries(
		Object.entries(fields).filter(([name, value]) => always.has(name) || !isLeftEmpty(value)),
	) as JsonObject;
}

function isLeftEmpty(value: Json | undefined): boolean {
	if (value === undefined || value === null || value === '') return true;
	return typeof value === 'object' && Object.keys(value).length === 0;
}

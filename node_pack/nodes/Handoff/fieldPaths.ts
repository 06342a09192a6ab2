import { isJsonObject, type Json, type JsonObject } from './canonical';

/** Splits "summary, message.content" into the dotted names of fields; empty ones are dropped. */
export function splitNames(text: string): string[] {
	return text
		.split(/[,\n]/)
		.map((name) => name.trim())
		.filter((name) => name !== '');
}

/** The value at a dotted path, or `undefined`. A key that itself contains the dots wins over the nested one. */
export function valueAt(source: Json, path: string): Json | undefined {
	if (!isJsonObject(source)) return undefined;
	if (Object.hasOwn(source, path)) return source[path];
	const dot = path.indexOf('.');
	if (dot < 0 || !Object.hasOwn(source, path.slice(0, dot))) return undefined;
	return valueAt(source[path.slice(0, dot)], path.slice(dot + 1));
}

/** A copy of `source` that has only the named fields, nested as they were. */
export function pick(source: JsonObject, paths: string[]): JsonObject {
	return paths.reduce<JsonObject>((picked, path) => {
		const value = valueAt(source, path);
		return value === undefined ? picked : withValueAt(picked, pathLike(source, path), value);
	}, {});
}

/** A copy of `source` without the named fields; an object that is empty because of it goes too. */
export function omit(source: JsonObject, paths: string[]): JsonObject {
	return paths.reduce((rest, path) => without(rest, pathLike(source, path)), source);
}

/** A copy of `source` whose named fields hold what they hold in `replacement`, and are gone where it lacks them. */
export function replaceFields(
	source: JsonObject,
	paths: string[],
	replacement: JsonObject,
): JsonObject {
	return paths.reduce((result, path) => {
		const keys = pathLike(source, path);
		const value = valueAt(replacement, path);
		return value === undefined ? without(result, keys) : withValueAt(result, keys, value);
	}, source);
}

/** The keys that lead to the field in `source`, so that "a.b" as one key stays one key. */
function pathLike(source: Json, path: string): string[] {
	const dot = path.indexOf('.');
	if (dot < 0 || !isJsonObject(source) || Object.hasOwn(source, path)) return [path];
	const head = path.slice(0, dot);
	return [head, ...pathLike(Object.hasOwn(source, head) ? source[head] : {}, path.slice(dot + 1))];
}

function withValueAt(target: JsonObject, [key, ...rest]: string[], value: Json): JsonObject {
	if (rest.length === 0) return ownCopy(target, key, value);
	const inner = Object.hasOwn(target, key) ? target[key] : {};
	return ownCopy(target, key, withValueAt(isJsonObject(inner) ? inner : {}, rest, value));
}

function without(target: JsonObject, [key, ...rest]: string[]): JsonObject {
	if (!Object.hasOwn(target, key)) return target;
	const inner = target[key];
	if (rest.length > 0) {
		if (!isJsonObject(inner)) return target;
		const smaller = without(inner, rest);
		if (Object.keys(smaller).length > 0) return ownCopy(target, key, smaller);
	}
	return Object.fromEntries(Object.entries(target).filter(([name]) => name !== key));
}

/** Through fromEntries, because assigning to "__proto__" would change the prototype instead of adding a field. */
function ownCopy(target: JsonObject, key: string, value: Json): JsonObject {
	const entries = Object.entries(target);
	const at = entries.findIndex(([name]) => name === key);
	if (at < 0) entries.push([key, value]);
	else entries[at] = [key, value];
	return Object.fromEntries(entries);
}

import { createHash } from 'node:crypto';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** A value has no canonical JSON; `path` is the JSON Pointer (RFC 6901) to the part at fault. */
export class NotCanonicalError extends Error {
	constructor(
		readonly path: string,
		problem: string,
	) {
		super(`${path === '' ? 'The value' : path} ${problem}`);
		this.name = 'NotCanonicalError';
	}
}

/**
 * The one text of a JSON value that every implementation agrees on (RFC 8785, JCS).
 *
 * Keys are sorted by UTF-16 code units; numbers and strings are written as ECMAScript writes them, which is
 * what the RFC prescribes. Throws `NotCanonicalError` for what JSON cannot carry.
 */
export function canonicalize(value: unknown): string {
	return write(value, '');
}

/** `sha256:` and the hex SHA-256 of the canonical UTF-8 bytes of a JSON value. */
export function digestOf(value: unknown): string {
	return `sha256:${createHash('sha256').update(canonicalize(value), 'utf8').digest('hex')}`;
}

/** The value as it will stand in a request body: dates become text, what JSON has no place for is dropped. */
export function plainJson(value: unknown): Json {
	const text = JSON.stringify(value);
	return text === undefined ? null : (JSON.parse(text) as Json);
}

/** The value of a JSON text, or `undefined` when it is none. */
export function parseJson(text: string): Json | undefined {
	try {
		return JSON.parse(text) as Json;
	} catch {
		return undefined;
	}
}

export function isJsonObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function write(value: unknown, path: string): string {
	if (value === null || typeof value === 'boolean') return String(value);
	if (typeof value === 'string') return writeString(value, path);
	if (typeof value === 'number') {
		if (!Number.isFinite(value)) throw new NotCanonicalError(path, 'is not a finite number');
		return JSON.stringify(value);
	}
	if (Array.isArray(value)) {
		return `[${value.map((item, index) => write(item, `${path}/${index}`)).join(',')}]`;
	}
	if (isJsonObject(value)) {
		// The default order of sort() is by UTF-16 code units, as RFC 8785 section 3.2.3 asks; a locale must not reach it.
		const members = Object.keys(value)
			.sort()
			.map((key) => {
				const at = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
				return `${writeString(key, at)}:${write(value[key], at)}`;
			});
		return `{${members.join(',')}}`;
	}
	throw new NotCanonicalError(path, `is of type ${typeof value}, which JSON does not have`);
}

function writeString(text: string, path: string): string {
	// Half of a surrogate pair has no UTF-8: two systems would hash different bytes (RFC 8785 section 3.2.2.2).
	if (/\p{Surrogate}/u.test(text)) {
		throw new NotCanonicalError(path, 'holds half of a character (a lone surrogate)');
	}
	return JSON.stringify(text);
}

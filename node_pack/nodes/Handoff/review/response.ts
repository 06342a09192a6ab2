import { canonicalize, isJsonObject, type Json, type JsonObject } from '../canonical';

/** A prefilled field that the reviewer changed. */
export interface Correction extends JsonObject {
	field: string;
	before: Json;
	after: Json;
}

/**
 * Why an answer does not fit the form that this node sent, in words; `null` when it fits.
 *
 * The companion has checked it already. It is checked again because what comes next in the workflow relies on the
 * form: a dropdown with three choices must not give a fourth one. It takes all that the companion takes, or a
 * decision would never arrive.
 */
export function responseProblem(form: JsonObject, response: Json): string | null {
	if (!isJsonObject(response)) return 'the form was not filled in';
	const properties = isJsonObject(form.properties) ? form.properties : {};
	const required = Array.isArray(form.required) ? form.required.map(String) : [];
	const missing = required.find((name) => isEmpty(own(response, name)));
	if (missing !== undefined) return `"${missing}" is missing`;
	for (const [name, value] of Object.entries(response)) {
		const property = own(properties, name);
		if (!isJsonObject(property)) return `"${name}" is not a field of the form`;
		// A field that was emptied; what is required was looked at above.
		if (value !== '' && !fits(property, value)) return `"${name}" does not fit its field`;
	}
	return null;
}

/** What was prefilled and then changed, in the order of the form. An emptied field is a change too. */
export function correctionsOf(form: JsonObject, response: JsonObject): Correction[] {
	const properties = isJsonObject(form.properties) ? form.properties : {};
	const names = Array.isArray(form.order) ? form.order.map(String) : Object.keys(properties);
	return names.flatMap((field) => {
		const before = isJsonObject(properties[field]) ? properties[field].default : undefined;
		if (before === undefined) return [];
		const after = own(response, field) ?? null;
		return canonicalize(after) === canonicalize(before) ? [] : [{ field, before, after }];
	});
}

function fits({ type, enum: options, format, maxLength }: JsonObject, value: Json): boolean {
	switch (type) {
		case 'boolean':
			return typeof value === 'boolean';
		case 'number':
			return typeof value === 'number';
		case 'integer':
			return Number.isInteger(value);
		default:
			if (typeof value !== 'string') return false;
			if (Array.isArray(options)) return options.includes(value);
			if (format === 'date') return /^\d{4}-\d\d-\d\d$/.test(value);
			return typeof maxLength !== 'number' || [...value].length <= maxLength;
	}
}

/** A member of its own: "constructor" is a part of every object, and no field of a form. */
function own(source: JsonObject, name: string): Json | undefined {
	return Object.hasOwn(source, name) ? source[name] : undefined;
}

function isEmpty(value: Json | undefined): boolean {
	return value === undefined || value === null || value === '';
}

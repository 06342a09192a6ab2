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
 * form: a dropdown with three choices must not give a fourth one.
 */
export function responseProblem(form: JsonObject, response: Json): string | null {
	if (!isJsonObject(response)) return 'the form was not filled in';
	const properties = isJsonObject(form.properties) ? form.properties : {};
	for (const name of Array.isArray(form.required) ? form.required : []) {
		const value = Object.hasOwn(response, String(name)) ? response[String(name)] : undefined;
		if (value === undefined || value === null || value === '')
			return `"${String(name)}" is missing`;
	}
	for (const [name, value] of Object.entries(response)) {
		const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
		if (!isJsonObject(property)) return `"${name}" is not a field of the form`;
		if (!fits(property, value)) return `"${name}" does not fit its field`;
	}
	return null;
}

/** What was prefilled and then changed, in the order of the form. An emptied field is a change too. */
export function correctionsOf(form: JsonObject, response: JsonObject): Correction[] {
	const properties = isJsonObject(form.properties) ? form.properties : {};
	const names = Array.isArray(form.order) ? form.order.map(String) : Object.keys(properties);
	return names.flatMap((field) => {
		const property = properties[field];
		if (!isJsonObject(property) || property.default === undefined) return [];
		const after = Object.hasOwn(response, field) ? response[field] : null;
		return canonicalize(after) === canonicalize(property.default)
			? []
			: [{ field, before: property.default, after }];
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
			if (Array.isArray(options)) return value === '' || options.includes(value);
			if (format === 'date') return value === '' || /^\d{4}-\d\d-\d\d$/.test(value);
			return typeof maxLength !== 'number' || [...value].length <= maxLength;
	}
}

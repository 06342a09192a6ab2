import { isJsonObject, parseJson, plainJson, type Json, type JsonObject } from '../canonical';
import { omit, pick, splitNames, valueAt } from '../fieldPaths';

/** Fields in which n8n's AI nodes and common model APIs leave their text, the likeliest first. */
const USUAL_OUTPUT_FIELDS = [
	'output',
	'summary',
	'summary_text',
	'text',
	'response',
	'message.content',
	'content',
	'generated_text',
	'completion',
	'answer',
	'result',
];

/** Where an edit is put back: into these fields, into the whole item, or nowhere (`null`). */
export type EditTarget = { fields: string[] } | 'item' | null;

export interface Content {
	request: Json;
	model_output: Json;
	edit_target: EditTarget;
}

export type OutputSource = 'auto' | 'fields' | 'item' | 'json';
export type RequestSource = 'rest' | 'fields' | 'item' | 'json';

/** The settings as the panel holds them; `…Json` is a value, or its JSON text when it was typed. */
export interface ContentSettings {
	outputSource: OutputSource;
	outputFields: string;
	outputJson: unknown;
	requestSource: RequestSource;
	requestFields: string;
	requestJson: unknown;
}

/** A setting that does not fit the item. */
export class UnusableContentError extends Error {
	constructor(
		message: string,
		readonly mend: string,
	) {
		super(message);
		this.name = 'UnusableContentError';
	}
}

/** What the reviewer compares and approves, taken from an item as the settings say. */
export function contentOf(item: JsonObject, settings: ContentSettings): Content {
	const outputFields = fieldsOfOutput(item, settings);
	return {
		request: requestOf(item, settings, outputFields),
		model_output: outputFields === null ? wholeOutput(item, settings) : pick(item, outputFields),
		edit_target:
			outputFields !== null
				? { fields: outputFields }
				: settings.outputSource === 'json'
					? null
					: 'item',
	};
}

function fieldsOfOutput(item: JsonObject, settings: ContentSettings): string[] | null {
	if (settings.outputSource === 'fields') {
		return presentFields(item, settings.outputFields, "Fields With the Model's Output");
	}
	if (settings.outputSource !== 'auto') return null;
	const found = USUAL_OUTPUT_FIELDS.find((path) => !isEmpty(valueAt(item, path)));
	return found === undefined ? null : [found];
}

function wholeOutput(item: JsonObject, { outputSource, outputJson }: ContentSettings): Json {
	return outputSource === 'json' ? typedOrBuilt(outputJson, 'Output') : item;
}

function requestOf(
	item: JsonObject,
	settings: ContentSettings,
	outputFields: string[] | null,
): Json {
	switch (settings.requestSource) {
		case 'item':
			return item;
		case 'json':
			return typedOrBuilt(settings.requestJson, 'Input');
		case 'fields':
			return pick(item, presentFields(item, settings.requestFields, 'Fields With What Came In'));
		case 'rest':
			// With a custom output nothing of the item is shown twice; with the whole item as output nothing is left.
			if (outputFields !== null) return omit(item, outputFields);
			return settings.outputSource === 'json' ? item : {};
	}
}

function presentFields(item: JsonObject, names: string, setting: string): string[] {
	const fields = splitNames(names);
	const missing = fields.filter((path) => valueAt(item, path) === undefined);
	if (fields.length === 0) {
		throw new UnusableContentError(`"${setting}" names no field`, 'Enter at least one name.');
	}
	if (missing.length > 0) {
		throw new UnusableContentError(
			`The item has no field "${missing.join('", "')}"`,
			`"${setting}" asks for it. The item has: ${Object.keys(item).join(', ') || 'no fields'}.`,
		);
	}
	return fields;
}

/** A JSON parameter holds what an expression made, or the text that was typed. */
function typedOrBuilt(value: unknown, setting: string): Json {
	if (typeof value !== 'string') return plainJson(value);
	const parsed = parseJson(value);
	if (parsed !== undefined) return parsed;
	// A text that an expression made is a value too; only what was meant as an object or a list must parse.
	if (!/^\s*[[{]/.test(value)) return value;
	throw new UnusableContentError(
		`"${setting}" is not valid JSON`,
		'Look for a missing quotation mark or comma, or use an expression.',
	);
}

function isEmpty(value: Json | undefined): boolean {
	return (
		value === undefined ||
		value === null ||
		value === '' ||
		(isJsonObject(value) && Object.keys(value).length === 0)
	);
}

import {
	canonicalize,
	isJsonObject,
	parseJson,
	plainJson,
	type Json,
	type JsonObject,
} from '../canonical';
import { text } from '../fieldValues';
import { UnusableContentError } from './content';

/** A form as the API takes it: a JSON Schema with properties of simple types, and the order to show them in. */
export interface ResponseForm extends JsonObject {
	type: 'object';
	properties: { [name: string]: JsonObject };
	required: string[];
	/** Canonical JSON sorts the properties, so their order has to be said. */
	order: string[];
}

/** One field of the panel, or of a list that was given as JSON. */
interface FieldSetting {
	fieldLabel?: unknown;
	fieldName?: unknown;
	fieldType?: unknown;
	fieldDescription?: unknown;
	defaultValue?: unknown;
	fieldOptions?: { values?: Array<{ option?: unknown }> };
	requiredField?: unknown;
}

export interface FormAndRemarks {
	form: ResponseForm;
	/** What was left out of it, in words. */
	remarks: string[];
}

const MOST_FIELDS = 40;
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const LINE = 300;
const TEXT = 8_000;
/** About half of what the API carries beside request and output, in bytes. */
const ROOM = 4_000;
const BOOLEANS: Record<string, boolean> = { true: true, yes: true, false: false, no: false };

/** Free Text is a form of one field; n8n's own nodes call the answer `text` too. */
export function freeTextForm(): ResponseForm {
	return {
		type: 'object',
		properties: { text: { type: 'string', title: 'Response', maxLength: TEXT } },
		required: ['text'],
		order: ['text'],
	};
}

/** The form that a JSON setting holds: a list of fields, or a JSON Schema. */
export function formFromJson(value: unknown): FormAndRemarks {
	const parsed = typeof value === 'string' ? parseJson(value) : plainJson(value);
	if (Array.isArray(parsed)) return formOf(parsed);
	if (isJsonObject(parsed) && isJsonObject(parsed.properties)) {
		const properties = parsed.properties as ResponseForm['properties'];
		return {
			form: {
				required: [],
				order: Object.keys(properties),
				...parsed,
				type: 'object',
				properties,
			},
			remarks: [],
		};
	}
	throw new UnusableContentError(
		'"Form Fields" is neither a list of fields nor a JSON Schema',
		'Write a list such as [{"fieldLabel": "Category", "fieldType": "text"}].',
	);
}

/**
 * The form of these fields. A default that does not fit its field is left out and remarked on, because it often
 * comes from a model: the reviewer then fills the field in, and no item fails for it.
 */
export function formOf(settings: unknown): FormAndRemarks {
	const fields = (Array.isArray(settings) ? settings : []) as FieldSetting[];
	if (fields.length === 0 || fields.length > MOST_FIELDS) {
		throw new UnusableContentError(
			`The form has ${fields.length} fields`,
			`Under "Form Fields", add at least one and at most ${MOST_FIELDS}.`,
		);
	}
	const form: ResponseForm = { type: 'object', properties: {}, required: [], order: [] };
	const remarks: string[] = [];
	for (const [index, field] of fields.entries()) {
		const name = nameOf(field, index);
		if (Object.hasOwn(form.properties, name)) {
			throw new UnusableContentError(
				`Two form fields are called "${name}"`,
				'Give one of them another label, or another Custom Field Name.',
			);
		}
		const { property, remark } = propertyOf(field, name);
		form.properties[name] = property;
		form.order.push(name);
		if (field.requiredField === true) form.required.push(name);
		if (remark !== null) remarks.push(remark);
	}
	return { form, remarks: [...remarks, ...withoutLongDefaults(form)] };
}

/** Takes defaults out of a form that is too large with them, the longest first; says which. */
function withoutLongDefaults({ properties, ...rest }: ResponseForm): string[] {
	const sizes = (name: string) => sizeOf(properties[name].default ?? null);
	const longestFirst = Object.keys(properties).sort((one, other) => sizes(other) - sizes(one));
	const remarks: string[] = [];
	for (const name of longestFirst) {
		if (sizeOf({ properties, ...rest }) <= ROOM) break;
		if (properties[name].default === undefined) continue;
		delete properties[name].default;
		remarks.push(
			`The default of the form field "${name}" is too long to go with the form, so the field starts empty.`,
		);
	}
	return remarks;
}

function sizeOf(value: Json): number {
	return Buffer.byteLength(canonicalize(value), 'utf8');
}

function nameOf(field: FieldSetting, index: number): string {
	const own = text(field.fieldName)?.trim();
	if (own !== undefined && own !== '') {
		if (NAME.test(own)) return own;
		throw new UnusableContentError(
			`"${own}" cannot be the name of a form field`,
			'Use letters, digits and underscores, with a letter first.',
		);
	}
	const label = text(field.fieldLabel)?.trim() ?? '';
	if (label === '') {
		throw new UnusableContentError(`Form field ${index + 1} has no label`, 'Enter one.');
	}
	const name = label
		.normalize('NFKD')
		.replace(/\p{Mark}/gu, '')
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, '_')
		.replace(/^_+|_+$/g, '')
		.slice(0, 64);
	return NAME.test(name) ? name : `field_${index + 1}`;
}

function propertyOf(
	field: FieldSetting,
	name: string,
): { property: JsonObject; remark: string | null } {
	const property: JsonObject = {
		...kindOf(field, name),
		title: cut(text(field.fieldLabel)?.trim() || name),
	};
	const help = text(field.fieldDescription)?.trim();
	if (help) property.description = cut(help);
	const given = field.defaultValue;
	if (given === undefined || given === null || given === '') return { property, remark: null };
	const value = defaultFor(property, given);
	if (value === undefined) {
		return {
			property,
			remark: `The default of the form field "${name}" does not fit it, so the field starts empty.`,
		};
	}
	// What a model wrote for one line may be longer: then the field becomes a larger one.
	if (typeof value === 'string' && value.length > Number(property.maxLength)) {
		property.maxLength = TEXT;
	}
	return { property: { ...property, default: value }, remark: null };
}

/** By whole characters: half of one could not be sent. */
function cut(words: string): string {
	return [...words].slice(0, LINE).join('');
}

function kindOf(field: FieldSetting, name: string): JsonObject {
	const options = (field.fieldOptions?.values ?? [])
		.map(({ option }) => text(option)?.trim() ?? '')
		.filter((option, index, all) => option !== '' && all.indexOf(option) === index);
	switch (field.fieldType ?? 'text') {
		case 'text':
		case 'email':
			return { type: 'string', maxLength: LINE };
		case 'textarea':
			return { type: 'string', maxLength: TEXT };
		case 'number':
			return { type: 'number' };
		case 'date':
			return { type: 'string', format: 'date' };
		case 'dropdown':
		case 'radio':
			if (options.length > 0) return { type: 'string', enum: options };
			throw new UnusableContentError(
				`The form field "${name}" has nothing to choose from`,
				'Add at least one option to it.',
			);
		case 'checkbox':
			if (options.length === 0) return { type: 'boolean' };
			throw new UnusableContentError(
				`The form field "${name}" has several checkboxes`,
				'Use one field of type Checkbox for each of them.',
			);
		default:
			throw new UnusableContentError(
				`The form field "${name}" is of the type "${String(field.fieldType)}", which a reviewer cannot fill in here`,
				'Use text, textarea, number, date, dropdown or checkbox.',
			);
	}
}

/** A default as the field takes it, or `undefined` where it does not fit. */
function defaultFor({ type, format, enum: options }: JsonObject, given: unknown): Json | undefined {
	const words = typeof given === 'object' ? undefined : String(given).trim();
	if (type === 'boolean') return words === undefined ? undefined : BOOLEANS[words.toLowerCase()];
	if (type === 'number') {
		const number = words === undefined || words === '' ? NaN : Number(words.replace(',', '.'));
		return Number.isFinite(number) ? number : undefined;
	}
	if (format === 'date') {
		const day = /^\d{4}-\d\d-\d\d/.exec(words ?? String(plainJson(given)))?.[0];
		return day !== undefined && isDay(day) ? day : undefined;
	}
	if (words === undefined) return undefined;
	if (Array.isArray(options)) return options.find((option) => sameWord(String(option), words));
	return words.length <= TEXT ? words : undefined;
}

function isDay(day: string): boolean {
	const instant = new Date(`${day}T00:00:00Z`);
	return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(day);
}

/** A model writes "billing " for Billing. */
function sameWord(one: string, other: string): boolean {
	return one.trim().toLowerCase() === other.toLowerCase();
}

import type { IDataObject } from 'n8n-workflow';

import type { JsonObject } from '../canonical';
import { text, withoutEmpty } from '../fieldValues';
import { instantOf } from '../times';
import { UnusableContentError } from './content';

/** What supports the recommendation. A row that an expression left without a title is none. */
export function evidenceOf(setting: IDataObject): JsonObject[] {
	return rows(setting)
		.map((row) => texts(row, ['title', 'text', 'url']))
		.filter(({ title }) => title !== undefined);
}

/** Where the model's data came from, and how fresh it was. */
export function sourcesOf(setting: IDataObject, timeZone: string): JsonObject[] {
	return rows(setting)
		.map((row) => ({
			...texts(row, ['name', 'url']),
			...(row.asOf ? { as_of: moment(row.asOf, timeZone) } : {}),
			...(row.stale === true ? { stale: true } : {}),
		}))
		.filter((source: JsonObject) => source.name !== undefined);
}

function rows(setting: IDataObject): IDataObject[] {
	return (setting.entry ?? []) as IDataObject[];
}

function texts(row: IDataObject, names: string[]): JsonObject {
	return withoutEmpty(Object.fromEntries(names.map((name) => [name, text(row[name])])));
}

function moment(value: unknown, timeZone: string): string {
	const instant = instantOf(value, timeZone);
	if (!Number.isNaN(instant)) return new Date(instant).toISOString();
	throw new UnusableContentError(
		`"As Of" of a source is not a date ("${String(value)}")`,
		'Choose a date, or give one as 2026-10-01T00:00:00Z.',
	);
}

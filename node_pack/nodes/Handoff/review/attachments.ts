import type { IExecuteFunctions } from 'n8n-workflow';

import type { JsonObject } from '../canonical';
import { splitNames } from '../fieldPaths';

/** The named binary fields of an item, as the API takes files. A field that the item lacks is left out. */
export async function attachmentsOf(
	context: IExecuteFunctions,
	itemIndex: number,
	fieldNames: string,
): Promise<JsonObject[]> {
	const { binary = {} } = context.getInputData()[itemIndex];
	const present = splitNames(fieldNames).filter((name) => Object.hasOwn(binary, name));
	return await Promise.all(
		present.map(async (name) => ({
			name: binary[name].fileName ?? name,
			media_type: mediaTypeOf(binary[name].mimeType),
			content_base64: (await context.helpers.getBinaryDataBuffer(itemIndex, name)).toString(
				'base64',
			),
		})),
	);
}

/** Without parameters such as charset, which the API does not take. */
function mediaTypeOf(mimeType: string): string {
	return mimeType.split(';')[0].trim().toLowerCase() || 'application/octet-stream';
}

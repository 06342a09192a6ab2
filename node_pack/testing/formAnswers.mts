import { readFileSync } from 'node:fs';

import type { JsonObject } from '../nodes/Handoff/canonical';

/** A form with answers that companion and node both take, and ones that both refuse. */
export const formAnswers = JSON.parse(
	readFileSync(new URL('../../tests/golden/vectors/form_answers.json', import.meta.url), 'utf8'),
) as { form: JsonObject; taken: JsonObject[]; refused: JsonObject[] };

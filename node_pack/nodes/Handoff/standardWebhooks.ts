import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far a callback's timestamp may lie from our clock, as Standard Webhooks 1.0 recommends. */
const TOLERANCE_S = 5 * 60;

export type SignatureProblem =
	| 'signature_missing'
	| 'signature_invalid'
	| 'timestamp_out_of_tolerance'
	| 'signing_secret_invalid';

export interface SignedMessage {
	id: string | undefined;
	timestamp: string | undefined;
	signatures: string | undefined;
	rawBody: Buffer;
}

/** The secrets in a credential field: one, or two while a rotation lasts, separated by white space or commas. */
export function splitSecrets(field: string): string[] {
	return field.split(/[\s,]+/).filter((secret) => secret !== '');
}

/**
 * Checks a message against Standard Webhooks 1.0: HMAC-SHA256 over `id.timestamp.body`, any of the secrets,
 * any of the listed `v1` signatures. Returns `null` when it holds, else what is wrong.
 */
export function signatureProblem(
	message: SignedMessage,
	secrets: string[],
	nowMs: number,
): SignatureProblem | null {
	const { id, timestamp, signatures, rawBody } = message;
	if (!id || !timestamp || !signatures) return 'signature_missing';

	const keys = secrets.map(secretBytes);
	if (keys.length === 0 || keys.some((key) => key.length === 0)) return 'signing_secret_invalid';

	const expected = keys.map((key) =>
		createHmac('sha256', key).update(`${id}.${timestamp}.`).update(rawBody).digest(),
	);
	const offered = signatures
		.split(' ')
		.filter((signature) => signature.startsWith('v1,'))
		.map((signature) => Buffer.from(signature.slice(3), 'base64'));
	// Every pair is compared, so that the time taken does not tell which one matched.
	const matches = offered.flatMap((given) => expected.map((ours) => sameBytes(given, ours)));
	if (!matches.includes(true)) return 'signature_invalid';

	// After the signature, so that an unsigned guess learns nothing about our clock.
	const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
	const drift_s = Math.abs(nowMs / 1000 - seconds);
	return drift_s <= TOLERANCE_S ? null : 'timestamp_out_of_tolerance';
}

function secretBytes(secret: string): Buffer {
	return Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
}

function sameBytes(one: Buffer, other: Buffer): boolean {
	return one.length === other.length && timingSafeEqual(one, other);
}

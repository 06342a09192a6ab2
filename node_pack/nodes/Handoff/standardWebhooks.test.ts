import { describe, expect, it } from 'vitest';

import { signatureProblem, splitSecrets } from './standardWebhooks';

/** A vector made with the PyPI package standardwebhooks 1.1. */
const SIGNED_WITH = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const ANOTHER = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=';
const SIGNED_AT_MS = 1_614_265_330_000;
const MESSAGE = {
	id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
	timestamp: '1614265330',
	signatures: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
	rawBody: Buffer.from('{"test": 2432232314}'),
};

function problem(
	changes: Partial<typeof MESSAGE> = {},
	secrets = [SIGNED_WITH],
	nowMs = SIGNED_AT_MS,
): string | null {
	return signatureProblem({ ...MESSAGE, ...changes }, secrets, nowMs);
}

describe('a signature holds when Standard Webhooks says so', () => {
	it('accepts the vector of another implementation', () => {
		expect(problem()).toBeNull();
	});

	it('accepts one good signature among several, as in a rotation on the sender’s side', () => {
		expect(problem({ signatures: `v1,AAAA v1a,xyz ${MESSAGE.signatures}` })).toBeNull();
	});

	it('accepts either of two secrets, as in a rotation on our side', () => {
		expect(problem({}, [ANOTHER, SIGNED_WITH])).toBeNull();
	});

	it.each([-299_000, 299_000])('accepts a clock that is %s ms off', (driftMs) => {
		expect(problem({}, [SIGNED_WITH], SIGNED_AT_MS + driftMs)).toBeNull();
	});
});

describe('any change is noticed', () => {
	it.each([
		['another body', { rawBody: Buffer.from('{"test": 2432232315}') }],
		['the same JSON in other bytes', { rawBody: Buffer.from('{"test":2432232314}') }],
		['another id', { id: 'msg_other' }],
		['another time', { timestamp: '1614265331' }],
		['a shorter signature', { signatures: 'v1,g0hM9SsE' }],
		['an empty signature', { signatures: 'v1,' }],
		['another version', { signatures: MESSAGE.signatures.replace('v1', 'v2') }],
	])('%s', (_, changes) => {
		expect(problem(changes)).toBe('signature_invalid');
	});

	it('another secret', () => {
		expect(problem({}, [ANOTHER])).toBe('signature_invalid');
	});

	it.each(['id', 'timestamp', 'signatures'])('a missing %s', (name) => {
		expect(problem({ [name]: undefined })).toBe('signature_missing');
	});

	it.each([-301_000, 301_000])('a clock that is %s ms off', (driftMs) => {
		expect(problem({}, [SIGNED_WITH], SIGNED_AT_MS + driftMs)).toBe('timestamp_out_of_tolerance');
	});
});

it.each([[[]], [['']], [['whsec_']]])('no secret never means no check: %j', (secrets: string[]) => {
	expect(problem({}, secrets)).toBe('signing_secret_invalid');
});

it('reads one or two secrets from the credential’s field', () => {
	expect(splitSecrets(` ${SIGNED_WITH}\n,${ANOTHER} `)).toEqual([SIGNED_WITH, ANOTHER]);
	expect(splitSecrets('')).toEqual([]);
});

import { describe, expect, it, vi } from 'vitest';
import corpus from '../../../tests/corpora/tokens.json';
import { sha256Hex } from './blob';
import { canonical } from './canonical';
import { keySource, keysOf } from './keys';
import type { Json } from './strict-json';
import { TokenRefused, verifyToken } from './token';

const { issuer, subject, now_ms, jwks, cases } = corpus;

/** The code of the refusal, or the digest of the package as it was read. */
async function verdictOn(token: unknown): Promise<string> {
  const keys = await keysOf(jwks);
  try {
    const verified = await verifyToken(token, { handoffId: subject, now_ms, issuer }, (kid) =>
      Promise.resolve(keys.get(kid) ?? null),
    );
    return await sha256Hex(new TextEncoder().encode(canonical(verified.package as unknown as Json)));
  } catch (error) {
    if (error instanceof TokenRefused) return error.code;
    throw error;
  }
}

describe('J10: the page gives the answer of the corpus, which the companion is held to as well', () => {
  it.each(cases)('$row $name', async ({ token, verdict, reads }) => {
    expect(await verdictOn(token)).toBe(reads ?? verdict);
  });
});

describe('a verified token', () => {
  it('J10: gives the package and both digests exactly as signed', async () => {
    const keys = await keysOf(jwks);
    const good = cases[0]?.token;
    const verified = await verifyToken(good, { handoffId: subject, now_ms }, (kid) =>
      Promise.resolve(keys.get(kid) ?? null),
    );
    expect(verified.package.model_output).toEqual({ text: 'Größe 42 “ok” 👍' });
    expect(verified.packageDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(verified.expiresAt_ms).toBe(now_ms + 600_000);
  });

  it('J5: is refused for any other case than the one that was asked for', async () => {
    const keys = await keysOf(jwks);
    const other = { handoffId: 'ho_00another0000000000000000000', now_ms };
    const verified = verifyToken(cases[0]?.token, other, (kid) => Promise.resolve(keys.get(kid) ?? null));
    await expect(verified).rejects.toMatchObject({ code: 'token_subject' });
  });
});

describe('keys', () => {
  it('J2: a key with a wrong or missing alg, another use, a private part or no point on the curve is left out', async () => {
    expect([...(await keysOf(jwks)).keys()]).toEqual(['current', 'next']);
  });

  it.each([null, 7, 'keys', [], {}, { keys: null }, { keys: [null, 1, {}, []] }])(
    'J2: %j is a set without keys',
    async (set) => {
      expect((await keysOf(set)).size).toBe(0);
    },
  );

  it('J4: ten thousand unknown kids make one request; J9: a kid that is new after a rotation is found later', async () => {
    let at_ms = 0;
    let served: unknown = { keys: [jwks.keys[0]] };
    const fetchJwks = vi.fn(() => Promise.resolve(served));
    const findKey = keySource(fetchJwks, () => at_ms);
    for (let tries = 0; tries < 10_000; tries += 1) expect(await findKey(`unknown-${tries}`)).toBeNull();
    expect(fetchJwks).toHaveBeenCalledTimes(1);
    served = jwks;
    at_ms = 31_000;
    expect(await findKey('next')).not.toBeNull();
    expect(fetchJwks).toHaveBeenCalledTimes(2);
  });
});

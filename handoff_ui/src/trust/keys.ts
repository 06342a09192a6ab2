import { decodeBase64url } from './base64url';

export type FindKey = (kid: string) => Promise<CryptoKey | null>;

const MEMBERS = ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'].join();
const COORDINATE_BYTES = 32;
const ES256 = { name: 'ECDSA', namedCurve: 'P-256' };

/** A key id that may be looked up; anything else never reaches a lookup (row J4). */
export function isKid(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value);
}

/** The keys of a JWKS that verify package tokens, by kid. A key of any other shape is left out (row J2). */
export async function keysOf(jwks: unknown): Promise<Map<string, CryptoKey>> {
  const found = new Map<string, CryptoKey>();
  const listed = isRecord(jwks) && Array.isArray(jwks.keys) ? jwks.keys : [];
  for (const jwk of listed) {
    if (!isPageKey(jwk) || found.has(jwk.kid)) continue;
    try {
      const { kty, crv, x, y } = jwk;
      found.set(jwk.kid, await crypto.subtle.importKey('jwk', { kty, crv, x, y }, ES256, true, ['verify']));
    } catch {
      // x and y are no point on the curve: such a key verifies nothing.
    }
  }
  return found;
}

interface PageKey {
  kty: string;
  crv: string;
  x: string;
  y: string;
  kid: string;
}

function isPageKey(jwk: unknown): jwk is PageKey {
  return (
    isRecord(jwk) &&
    Object.keys(jwk).sort().join() === MEMBERS &&
    jwk.kty === 'EC' &&
    jwk.crv === 'P-256' &&
    jwk.alg === 'ES256' &&
    jwk.use === 'sig' &&
    isKid(jwk.kid) &&
    [jwk.x, jwk.y].every((part) => typeof part === 'string' && decodeBase64url(part)?.length === COORDINATE_BYTES)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Looks keys up in a JWKS that is fetched when first needed, and again for a kid that is not in it (rotation, row J9),
 * but at most once in `REFETCH_AFTER_MS`: unknown kids must not become requests without end (row J4).
 */
export function keySource(fetchJwks: () => Promise<unknown>, now_ms: () => number): FindKey {
  const REFETCH_AFTER_MS = 30_000;
  let keys: Map<string, CryptoKey> | null = null;
  let fetchedAt_ms = 0;
  return async (kid) => {
    if (keys === null || (!keys.has(kid) && now_ms() - fetchedAt_ms >= REFETCH_AFTER_MS)) {
      keys = await keysOf(await fetchJwks());
      fetchedAt_ms = now_ms();
    }
    return keys.get(kid) ?? null;
  };
}

/**
 * Verifies a package token before anything of it is shown (RFC 7515, 7519, 8725; rows J1 to J7).
 *
 * The order of checks and the codes are those of companion/core/tokens.py; one corpus holds both to one answer (J10).
 */
import { compactVerify } from 'jose/jws/compact/verify';
import { decodeBase64url } from './base64url';
import { isKid, type FindKey } from './keys';
import type { ContextPackage } from './package';
import { JsonRefused, parseStrict, type Json, type Limits } from './strict-json';

export type TokenFault =
  | 'token_malformed'
  | 'token_too_large'
  | 'token_algorithm'
  | 'token_type'
  | 'token_header'
  | 'token_key_unknown'
  | 'token_signature'
  | 'token_claims'
  | 'token_issuer'
  | 'token_audience'
  | 'token_subject'
  | 'token_expired'
  | 'token_not_yet_valid';

export class TokenRefused extends Error {
  constructor(readonly code: TokenFault) {
    super(code);
  }
}

/** What a verified token says. Times in ms. */
export interface Verified {
  package: ContextPackage;
  packageDigest: string;
  viewDigest: string;
  role: string;
  expiresAt_ms: number;
}

const MAX_TOKEN_CHARS = 16 * 1024;
const MAX_HEADER_BYTES = 512;
const HEADER_LIMITS = { depth: 1, values: 8, stringChars: 128 };
const PAYLOAD_LIMITS = { depth: 32 };
const SIGNATURE_BYTES = 64;
const CLOCK_SKEW_S = 60;
const LATEST_S = 253_402_300_799;
const HANDOFF_ID = /^ho_[0-9a-f]{2}[0-9a-z]{26}$/;
const JTI = /^[A-Za-z0-9_-]{1,64}$/;

interface Expected {
  handoffId: string;
  now_ms: number;
  /** Only where more than one companion could have signed; the page takes its keys from one. */
  issuer?: string;
}

/** Throws TokenRefused, and whatever `findKey` throws when keys cannot be fetched. */
export async function verifyToken(token: unknown, expected: Expected, findKey: FindKey): Promise<Verified> {
  if (typeof token !== 'string') throw new TokenRefused('token_malformed');
  if (token.length > MAX_TOKEN_CHARS) throw new TokenRefused('token_too_large');
  const { header, payload } = segments(token);
  const key = await findKey(kidOf(header));
  if (key === null) throw new TokenRefused('token_key_unknown');
  try {
    await compactVerify(token, key, { algorithms: ['ES256'] });
  } catch {
    throw new TokenRefused('token_signature');
  }
  return checked(parsed(payload, PAYLOAD_LIMITS), expected);
}

function segments(token: string): { header: Uint8Array<ArrayBuffer>; payload: Uint8Array<ArrayBuffer> } {
  const [header, payload, signature, ...more] = token.split('.').map(decodeBase64url);
  if (!header || !payload || !signature || more.length > 0 || signature.length !== SIGNATURE_BYTES) {
    throw new TokenRefused('token_malformed');
  }
  return { header, payload };
}

function parsed(bytes: Uint8Array<ArrayBuffer>, limits: Limits): Json {
  try {
    return parseStrict(bytes, limits);
  } catch (error) {
    if (error instanceof JsonRefused) throw new TokenRefused('token_malformed');
    throw error;
  }
}

/** The kid of a header that holds alg, kid and typ and nothing else, so that no token chooses how it is checked. */
function kidOf(bytes: Uint8Array<ArrayBuffer>): string {
  if (bytes.length > MAX_HEADER_BYTES) throw new TokenRefused('token_malformed');
  const header = parsed(bytes, HEADER_LIMITS);
  if (!isObject(header)) throw new TokenRefused('token_malformed');
  if (header.alg !== 'ES256') throw new TokenRefused('token_algorithm');
  if (header.typ !== 'handoff+jwt') throw new TokenRefused('token_type');
  if (Object.keys(header).sort().join() !== 'alg,kid,typ') throw new TokenRefused('token_header');
  if (!isKid(header.kid)) throw new TokenRefused('token_key_unknown');
  return header.kid;
}

function checked(claims: Json, expected: Expected): Verified {
  if (!isObject(claims)) throw new TokenRefused('token_claims');
  const { iss, aud, sub, jti, iat, exp, package: content, package_digest, view_digest, role } = claims;
  const wellFormed =
    [iss, aud, package_digest, view_digest, role].every((claim) => typeof claim === 'string') &&
    typeof jti === 'string' &&
    JTI.test(jti) &&
    typeof sub === 'string' &&
    HANDOFF_ID.test(sub) &&
    isMoment(iat) &&
    isMoment(exp) &&
    (!('nbf' in claims) || isMoment(claims.nbf)) &&
    isObject(content);
  if (!wellFormed) throw new TokenRefused('token_claims');
  if (expected.issuer !== undefined && iss !== expected.issuer) throw new TokenRefused('token_issuer');
  if (aud !== 'page') throw new TokenRefused('token_audience');
  if (sub !== expected.handoffId) throw new TokenRefused('token_subject');
  const now_s = Math.floor(expected.now_ms / 1000);
  if (exp <= now_s) throw new TokenRefused('token_expired');
  if (Math.max(iat, Number(claims.nbf ?? 0)) > now_s + CLOCK_SKEW_S) throw new TokenRefused('token_not_yet_valid');
  return {
    package: content as unknown as ContextPackage,
    packageDigest: package_digest as string,
    viewDigest: view_digest as string,
    role: role as string,
    expiresAt_ms: exp * 1000,
  };
}

function isMoment(value: Json | undefined): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= LATEST_S;
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What runs in the browser for corpus.test.ts: the page's own verifier, and nothing else. */
import type corpusOf from '../../../tests/corpora/tokens.json';
import { sha256Hex } from '../../src/trust/blob';
import { canonical } from '../../src/trust/canonical';
import { keysOf } from '../../src/trust/keys';
import type { Json } from '../../src/trust/strict-json';
import { TokenRefused, verifyToken } from '../../src/trust/token';

async function verdicts({ jwks, cases, subject, now_ms, issuer }: typeof corpusOf): Promise<string[]> {
  const keys = await keysOf(jwks);
  const findKey = (kid: string): Promise<CryptoKey | null> => Promise.resolve(keys.get(kid) ?? null);
  const verdictOn = async (token: unknown): Promise<string> => {
    try {
      const verified = await verifyToken(token, { handoffId: subject, now_ms, issuer }, findKey);
      return await sha256Hex(new TextEncoder().encode(canonical(verified.package as unknown as Json)));
    } catch (error) {
      return error instanceof TokenRefused ? error.code : String(error);
    }
  };
  return Promise.all(cases.map(async ({ row, name, token }) => `${row} ${name}: ${await verdictOn(token)}`));
}

Object.assign(window, { verdicts });

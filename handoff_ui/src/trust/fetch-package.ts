import type { Client } from '../api/client';
import { now_ms } from '../api/clock';
import type { Problem } from '../api/types';
import type { FindKey } from './keys';
import { TokenRefused, verifyToken, type Verified } from './token';

/** Why a case cannot be shown. */
export interface Blocked {
  why: 'signed_out' | 'no_access' | 'not_found' | 'lost' | 'offline' | 'unverified' | 'too_new';
  /** What the check of the signature found; for whoever looks into it. */
  code?: string;
  /** The companion's own sentence, where it says more than that. */
  detail?: string;
}

/** Why the companion gives nothing of a case. */
export function blockedBy({ status, code, detail }: Problem): Blocked {
  if (status === 401) return { why: 'signed_out' };
  if (status !== 403) return { why: 'not_found' };
  return { why: 'no_access', ...(code === 'skill_missing' && { detail }) };
}

const SCHEMA_VERSION = 1;

/** The package of a case, checked; or why there is nothing to show. */
export async function fetchPackage(client: Client, findKey: FindKey, id: string): Promise<Verified | Blocked> {
  const answer = await client.send<{ package_token?: unknown }>(`/v1/handoffs/${id}/package`);
  if (answer.kind === 'unreachable') return { why: answer.offline ? 'offline' : 'lost' };
  if (answer.kind === 'problem') return blockedBy(answer.problem);
  if (answer.kind === 'not_modified') return { why: 'lost' };
  return checkedPackage(answer.data.package_token, findKey, id);
}

/** What a package token says, if it is one of ours and of this case. */
export async function checkedPackage(token: unknown, findKey: FindKey, id: string): Promise<Verified | Blocked> {
  try {
    const verified = await verifyToken(token, { handoffId: id, now_ms: now_ms() }, findKey);
    if (verified.package.schema_version !== SCHEMA_VERSION) return { why: 'too_new' };
    if (verified.package.handoff_id !== id) return { why: 'unverified', code: 'package_of_another_case' };
    return verified;
  } catch (error) {
    // Anything but a refusal means that the keys could not be fetched.
    return error instanceof TokenRefused ? { why: 'unverified', code: error.code } : { why: 'lost' };
  }
}

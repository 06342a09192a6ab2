/** What a person can do with a case: the request each act makes, and how to tell later whether it arrived. */
import type { Request } from '../../api/client';
import type { Live } from '../../api/types';
import type { Verified } from '../../trust/token';
import type { Json } from '../../trust/strict-json';

export type Act =
  | { kind: 'approve'; reasonCode: string | null; rationale: string | null; confirmWord: string | null }
  | { kind: 'modify'; edited: Json; reasonCode: string | null; rationale: string | null; confirmWord: string | null }
  | { kind: 'reject'; reasonCode: string | null; rationale: string | null; confirmWord: string | null }
  | { kind: 'escalate' | 'roll_back'; reasonCode: string | null; rationale: string | null }
  | { kind: 'ask' | 'annotate' | 'answer'; text: string }
  | { kind: 'claim' | 'release' };

export type ActKind = Act['kind'];

export function decides(kind: ActKind): kind is 'approve' | 'modify' | 'reject' {
  return kind === 'approve' || kind === 'modify' || kind === 'reject';
}

const NOUNS = {
  escalate: 'escalations',
  roll_back: 'rollback',
  ask: 'questions',
  annotate: 'annotations',
  answer: 'answers',
  claim: 'claim',
  release: 'claim',
};

/** `key` makes it harmless that a browser sends an act again by itself when the connection breaks at the press. */
export function requestOf(act: Act, live: Live, verified: Verified, key: string): { path: string; request: Request } {
  const once = { 'Idempotency-Key': key };
  const at = (noun: string): string => `/v1/handoffs/${live.id}/${noun}`;
  switch (act.kind) {
    case 'approve':
    case 'modify':
    case 'reject':
      return {
        path: at('decision'),
        request: {
          method: 'POST',
          headers: { 'If-Match': `"${live.version}"` },
          body: {
            action: act.kind,
            package_digest: verified.packageDigest,
            view_digest: verified.viewDigest,
            reason_code: act.reasonCode,
            rationale: act.rationale,
            ...(act.kind === 'modify' && { edited_output: act.edited }),
            ...(act.confirmWord !== null && { confirm_word: act.confirmWord }),
          },
        },
      };
    case 'escalate':
    case 'roll_back':
      return {
        path: at(NOUNS[act.kind]),
        request: { method: 'POST', headers: once, body: { reason_code: act.reasonCode, rationale: act.rationale } },
      };
    case 'claim':
      return { path: at('claim'), request: { method: 'PUT', body: {} } };
    case 'release':
      return { path: at('claim'), request: { method: 'DELETE', body: {} } };
    default:
      return { path: at(NOUNS[act.kind]), request: { method: 'POST', headers: once, body: { text: act.text } } };
  }
}

/** Whether a case shows that `act` of reviewer `me` reached the companion, though its answer was lost. */
export function arrived(act: Act, before: Live, now: Live, me: string | null): boolean {
  switch (act.kind) {
    case 'approve':
    case 'modify':
    case 'reject':
      return now.decided_by?.id === me
        ? now.decision?.action === act.kind && (now.decision.rationale ?? null) === act.rationale
        : now.first_approval?.by.id === me && before.first_approval?.by.id !== me;
    case 'escalate':
      return now.reviewer_level > before.reviewer_level;
    case 'roll_back':
      return now.state === 'rolled_back';
    case 'ask':
      return now.question_open === act.text;
    case 'answer':
      return before.state === 'awaiting_information' && now.state !== 'awaiting_information';
    case 'annotate':
      return (
        now.notes.filter(({ text }) => text === act.text).length >
        before.notes.filter(({ text }) => text === act.text).length
      );
    case 'claim':
      return now.claim?.by.id === me;
    case 'release':
      return now.claim === null;
  }
}

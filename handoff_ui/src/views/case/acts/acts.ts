/** What a person can do with a case: the request each act makes, and how to tell later whether it arrived. */
import type { Request } from '../../../api/client';
import type { GateAnswer, Live } from '../../../api/types';
import type { Verified } from '../../../trust/token';
import type { Json } from '../../../trust/strict-json';
import { isOpen } from '../../../words/standing';

/** One answer to a checklist, as it is sent. */
export interface Answered {
  gate: string;
  item: string;
  result: GateAnswer;
  note?: string;
}

/** What may go along with a decision, as it is sent; only what was given is there. */
export interface More {
  gate_results?: Answered[];
  response?: Record<string, Json>;
  evidence?: { title: string; text?: string }[];
  urgency?: string;
  sla_feasible?: boolean;
  mark?: 'false_positive' | 'false_negative';
}

interface Why {
  reasonCode: string | null;
  rationale: string | null;
}

interface Deciding extends Why {
  confirmWord: string | null;
  more?: More;
}

export type Act =
  | ({ kind: 'approve' | 'reject' } & Deciding)
  | ({ kind: 'modify'; edited: Json } & Deciding)
  | ({ kind: 'escalate'; target?: string | null; more?: More } & Why)
  | ({ kind: 'roll_back' } & Why)
  | ({ kind: 'verify'; answers: Answered[]; more?: More } & Why)
  | ({ kind: 'triage'; sorted: { category?: string; queue?: string; risk_tier?: string } } & Why)
  | { kind: 'assign'; reviewerId: string | null; rationale: string | null }
  | { kind: 'ask' | 'annotate' | 'answer'; text: string }
  | { kind: 'claim' | 'release' | 'undo' };

export type ActKind = Act['kind'];

export function decides(kind: ActKind): kind is 'approve' | 'modify' | 'reject' {
  return kind === 'approve' || kind === 'modify' || kind === 'reject';
}

/** Whether an act makes a new version of the content: nobody has to look at that as at a change by somebody else. */
export function makesContent(kind: ActKind): boolean {
  return kind === 'answer' || kind === 'modify';
}

/** Whether an act ends one's part in a case: then the next one is offered. */
export function endsPart(kind: ActKind): boolean {
  return decides(kind) || ['triage', 'verify', 'escalate', 'ask'].includes(kind);
}

const NOUNS = {
  approve: 'decision',
  modify: 'decision',
  reject: 'decision',
  undo: 'decision',
  verify: 'verifications',
  triage: 'triage',
  assign: 'assignee',
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
  const path = `/v1/handoffs/${live.id}/${NOUNS[act.kind]}`;
  const seen = { 'If-Match': `"${live.version}"` };
  const once = { 'Idempotency-Key': key };
  const post = (headers: Record<string, string>, body: object): { path: string; request: Request } => ({
    path,
    request: { method: 'POST', headers, body },
  });
  switch (act.kind) {
    case 'approve':
    case 'modify':
    case 'reject':
      return post(seen, {
        action: act.kind,
        package_digest: verified.packageDigest,
        view_digest: verified.viewDigest,
        reason_code: act.reasonCode,
        rationale: act.rationale,
        ...(act.kind === 'modify' && { edited_output: act.edited }),
        ...(act.confirmWord !== null && { confirm_word: act.confirmWord }),
        ...act.more,
      });
    case 'verify':
      return post(seen, {
        package_digest: verified.packageDigest,
        answers: act.answers,
        reason_code: act.reasonCode,
        rationale: act.rationale,
        ...(act.more?.evidence && { evidence: act.more.evidence }),
      });
    case 'triage':
      return post(seen, { ...act.sorted, reason_code: act.reasonCode, rationale: act.rationale });
    case 'escalate':
      return post(once, {
        reason_code: act.reasonCode,
        rationale: act.rationale,
        ...(act.target && { target: act.target }),
        ...act.more,
      });
    case 'roll_back':
      return post(once, { reason_code: act.reasonCode, rationale: act.rationale });
    case 'assign':
      return {
        path,
        request: { method: 'PUT', body: { reviewer_id: act.reviewerId, rationale: act.rationale } },
      };
    case 'claim':
      return { path, request: { method: 'PUT', body: {} } };
    case 'release':
    case 'undo':
      return { path, request: { method: 'DELETE', body: {} } };
    default:
      return post(once, { text: act.text });
  }
}

/** Whether a case shows that `act` of reviewer `me` reached the companion, though its answer was lost. */
export function arrived(act: Act, before: Live, now: Live, me: string | null): boolean {
  switch (act.kind) {
    case 'approve':
    case 'modify':
    case 'reject':
      if (now.decided_by?.id === me) {
        return now.decision?.action === act.kind && (now.decision.rationale ?? null) === act.rationale;
      }
      // The no of the second reviewer leaves the case open, and stands among the disagreements (R-GATE-15).
      return act.kind === 'reject'
        ? splits(now).length > splits(before).length && splits(now).at(-1)?.second_by.id === me
        : now.first_approval?.by.id === me && before.first_approval?.by.id !== me;
    case 'verify': {
      const items = (now.gates ?? []).flatMap(({ id, items: all }) => all.map((item) => ({ gate: id, ...item })));
      return (
        now.version > before.version &&
        act.answers.every(({ gate, item, result }) =>
          items.some((at) => at.gate === gate && at.id === item && at.result === result && at.by?.id === me),
        )
      );
    }
    case 'triage':
      return before.stage === 'triage' && now.stage !== 'triage';
    case 'assign':
      return (now.assignee?.id ?? null) === act.reviewerId;
    case 'undo':
      return !isOpen(before) && isOpen(now);
    case 'escalate':
      // The level need not rise: a place that the policy names may be of the same one.
      return escalations(now, me) > escalations(before, me);
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

function splits({ disagreements }: Live): NonNullable<Live['disagreements']> {
  return disagreements ?? [];
}

function escalations({ history }: Live, by_id: string | null): number {
  return history.filter(({ type, by }) => type === 'handoff.escalated' && by?.id === by_id).length;
}

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Client, Request } from '../../../api/client';
import type { Live, Problem } from '../../../api/types';
import { spelled } from '../../../content/reading';
import { useApp } from '../../../context';
import { disturb } from '../../../hooks/armed';
import type { Case, Ready } from '../live/use-case';
import { arrived, decides, makesContent, requestOf, type Act, type ActKind } from './acts';

export type Sending =
  | { step: 'idle' }
  | { step: 'sending'; kind: ActKind }
  /** The connection broke: nobody knows yet whether the act arrived. */
  | { step: 'checking'; kind: ActKind }
  | { step: 'lost'; act: Act }
  | { step: 'refused'; kind: ActKind; code: string; message: string }
  | { step: 'done'; kind: ActKind; late: boolean };

export interface Acting {
  sending: Sending;
  send: (act: Act) => void;
  dismiss: () => void;
}

const CHECK_AGAIN_MS = [500, 1_000, 2_000, 4_000];

/** Sends acts, one at a time, and finds out what became of one whose answer was lost. */
export function useAct(ready: Ready | null, opened: Case): Acting {
  const { client, session } = useApp();
  const [sending, setSending] = useState<Sending>({ step: 'idle' });
  const busy = useRef(false);
  const me = session?.reviewer.id ?? null;
  const gone = useRef(false);
  /** One key a press: what is sent again after a lost answer carries the same. */
  const keys = useRef(new WeakMap<Act, string>());
  useLayoutEffect(() => () => void (gone.current = true), []);

  const put = (next: Sending): void => {
    disturb();
    setSending(next);
  };

  /** Shows the case as it is after an act. What is begun before the act's own new content is there would go with the old. */
  const takeOver = async (live: Live, next: Sending): Promise<void> => {
    const own = next.step === 'done' && makesContent(next.kind);
    const shown = opened.adopt(live, own);
    if (own) await shown;
    put(next);
  };

  const run = async (act: Act, { live, verified }: Ready): Promise<void> => {
    const key = keys.current.get(act) ?? crypto.randomUUID();
    keys.current.set(act, key);
    const { path, request } = requestOf(act, live, verified, key);
    const proven = await withPasskey(client, act, live, request);
    if ('problem' in proven) {
      put({ step: 'refused', kind: act.kind, ...proven.problem });
      return;
    }
    const answer = await client.send<Live>(path, proven);
    if (answer.kind === 'ok') {
      await takeOver(answer.data, { step: 'done', kind: act.kind, late: false });
    } else if (answer.kind === 'problem') {
      const { current, status } = answer.problem;
      // A browser may send a request again by itself when the connection breaks: then our own decision stands there.
      if (current && arrived(act, live, current, me)) {
        await takeOver(current, { step: 'done', kind: act.kind, late: true });
        return;
      }
      if (current) void opened.adopt(current);
      if (status === 401) {
        opened.sessionEnded();
        put({ step: 'idle' });
      } else {
        const { code } = answer.problem;
        put({ step: 'refused', kind: act.kind, code, message: refusalWords(answer.problem, act.kind, live) });
      }
    } else {
      put({ step: 'checking', kind: act.kind });
      await findOut(act, live);
    }
  };

  /** Asks until the companion answers; then either the act is there, or it can be sent again without harm. */
  const findOut = async (act: Act, before: Live): Promise<void> => {
    for (let tries = 0; !gone.current; tries += 1) {
      await pause(CHECK_AGAIN_MS[Math.min(tries, CHECK_AGAIN_MS.length - 1)] as number);
      const now = await opened.check();
      if (now === null) continue;
      const there = arrived(act, before, now, me);
      await takeOver(now, there ? { step: 'done', kind: act.kind, late: true } : { step: 'lost', act });
      return;
    }
  };

  const send = (act: Act): void => {
    if (busy.current || ready === null) return;
    busy.current = true;
    put({ step: 'sending', kind: act.kind });
    void run(act, ready).finally(() => {
      busy.current = false;
    });
  };
  return { sending, send, dismiss: () => put({ step: 'idle' }) };
}

/** The request of an act with a fresh passkey's word for it, where policy asks for that (row L5); or why there is none. */
async function withPasskey(
  client: Client,
  act: Act,
  live: Live,
  request: Request,
): Promise<Request | { problem: { code: string; message: string } }> {
  if (live.assurance.by_action?.[act.kind] !== 'step_up') return request;
  const NOT_NOW = 'Your passkey could not be asked for just now. Nothing was sent; what you wrote is kept.';
  const passkey = await import('../../../trust/passkey').catch(() => null);
  const body = (request.body ?? {}) as object;
  const proof = await passkey?.stepUp(client, live.id, { action: act.kind, ...body });
  if (proof?.kind === 'ok') return { ...request, body: { ...body, step_up: proof.data } };
  if (proof?.kind !== 'problem') return { problem: { code: 'unreachable', message: NOT_NOW } };
  return { problem: { code: proof.problem.code, message: `${proof.problem.detail} Nothing was sent.` } };
}

/** What was refused, what was kept, what to do. */
function refusalWords({ code, detail, current }: Problem, kind: ActKind, before: Live): string {
  switch (code) {
    case 'already_decided':
      return 'Nothing was sent twice.';
    case 'claimed_by_other': {
      const name = spelled(current?.claim?.by.name ?? 'Somebody else');
      return `${name} took this case before your press arrived. Nothing was decided; what you wrote is kept.`;
    }
    case 'version_stale':
      return current?.package_digest === before.package_digest
        ? 'The case moved on while you were reading. Nothing was decided. Look at what changed, then press again.'
        : 'The content changed while you were reading. Nothing was decided. Look at the new version first.';
    case 'package_digest_mismatch':
    case 'view_digest_mismatch':
      return 'The content changed while you were reading. Nothing was decided. Look at the new version first.';
    case 'undo_over':
      return 'The time to undo it was over. The decision stands, and the workflow is told.';
    case 'gate_not_open':
    case 'gate_results_missing':
      return `${detail} Nothing was decided; your answers are kept.`;
    case 'step_up_required':
      return 'This needs your passkey. Nothing was decided; what you wrote is kept. Press again to confirm with it.';
    case 'step_up_mismatch':
      return 'Something changed between your passkey and the press. Nothing was decided. Read it again, then press again.';
    default:
      return `${detail} ${decides(kind) ? 'Nothing was decided; what you wrote is kept.' : 'Nothing was sent.'}`;
  }
}

function pause(span_ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, span_ms));
}

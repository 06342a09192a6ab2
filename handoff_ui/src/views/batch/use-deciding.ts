import { useRef, useState } from 'preact/hooks';
import type { BatchResult } from '../../api/desk-types';
import { useApp } from '../../context';
import { disturb } from '../../hooks/armed';
import type { Member } from './choices';

/** So many cases in one request: few enough that the progress moves. */
const STEP = 5;
const AGAIN_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

export interface Verdict {
  action: 'approve' | 'reject';
  reasonCode: string | null;
  rationale: string | null;
}

export type Deciding =
  | { step: 'choosing' }
  | { step: 'sending'; verdict: Verdict; total: number; isBroken: boolean }
  | { step: 'done'; verdict: Verdict };

export interface Decided {
  deciding: Deciding;
  results: ReadonlyMap<string, BatchResult>;
  /** How often an answer said that the session ended: nothing of that part was done. */
  hasEnded: number;
  decide: (members: Member[], verdict: Verdict) => Promise<void>;
}

/** Sends a decision about the included cases, a few at a time, until each has an answer; then gives back the rest. */
export function useDeciding(batchId: string): Decided {
  const { client } = useApp();
  const [deciding, setDeciding] = useState<Deciding>({ step: 'choosing' });
  const [results, setResults] = useState<ReadonlyMap<string, BatchResult>>(new Map());
  const [hasEnded, setHasEnded] = useState(0);
  const busy = useRef(false);
  const path = `/v1/batches/${batchId}`;

  const send = async (part: Member[], verdict: Verdict, onBreak: () => void): Promise<BatchResult[] | null> => {
    const body = {
      action: verdict.action,
      reason_code: verdict.reasonCode,
      rationale: verdict.rationale,
      items: part.map(({ item }) => ({ id: item.id, version: item.version, package_digest: item.package_digest })),
      confirmed_outliers: part.filter(({ apart }) => apart.length > 0).map(({ item }) => item.id),
    };
    // One key a part: what is sent again after a lost answer is decided once.
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    for (let tries = 0; ; tries += 1) {
      const answer = await client.send<{ results: BatchResult[] }>(`${path}/decision`, {
        method: 'POST',
        body,
        headers,
      });
      if (answer.kind === 'ok') return answer.data.results;
      if (answer.kind === 'problem') {
        if (answer.problem.status === 401) return null;
        const { code, detail } = answer.problem;
        return part.map(({ item }) => ({ id: item.id, status: 'refused', code, detail, event_id: null }));
      }
      onBreak();
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)]));
    }
  };

  const decide = async (members: Member[], verdict: Verdict): Promise<void> => {
    if (busy.current) return;
    busy.current = true;
    const included = members.filter((member) => member.included === true && member.unfit === null);
    const step = (isBroken: boolean): void => {
      disturb();
      setDeciding({ step: 'sending', verdict, total: included.length, isBroken });
    };
    for (let at = 0; at < included.length; at += STEP) {
      step(false);
      const found = await send(included.slice(at, at + STEP), verdict, () => step(true));
      if (found === null) {
        busy.current = false;
        disturb();
        setHasEnded((before) => before + 1);
        return setDeciding({ step: 'choosing' });
      }
      setResults(
        (before) => new Map([...before, ...found.map((result): [string, BatchResult] => [result.id, result])]),
      );
    }
    await client.send(path, { method: 'DELETE', body: {} });
    disturb();
    setDeciding({ step: 'done', verdict });
  };
  return { deciding, results, hasEnded, decide };
}

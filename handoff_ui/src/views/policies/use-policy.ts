import { useCallback, useRef, useState } from 'preact/hooks';
import type { Policy } from '../../api/policy-types';
import { useApp } from '../../context';
import { disturb } from '../../hooks/armed';
import { usePolling } from '../../hooks/use-polling';
import type { Blocked } from '../../trust/fetch-package';

const POLICY_MS = 15_000;

export interface Opened {
  policy: Policy | null;
  trouble: Blocked['why'] | null;
  /** Asks now; null when there is no answer. */
  renew: () => Promise<Policy | null>;
}

export function policyPath(workflowId: string, noun = ''): string {
  return `/v1/policies/${encodeURIComponent(workflowId)}${noun === '' ? '' : `/${noun}`}`;
}

/** The policy of a workflow, kept fresh: somebody else may save it, or sign off what was proposed. */
export function usePolicy(workflowId: string): Opened {
  const { client } = useApp();
  const [policy, setPolicy] = useState<Policy | null>(null);
  const [trouble, setTrouble] = useState<Blocked['why'] | null>(null);
  const held = useRef('');

  const renew = useCallback(async (): Promise<Policy | null> => {
    const answer = await client.send<Policy>(policyPath(workflowId));
    if (answer.kind === 'unreachable') setTrouble(answer.offline ? 'offline' : 'lost');
    else if (answer.kind === 'problem') {
      setTrouble(({ 401: 'signed_out', 403: 'no_access' } as const)[answer.problem.status] ?? 'not_found');
    } else setTrouble(null);
    if (answer.kind !== 'ok') return null;
    const text = JSON.stringify(answer.data);
    // The same answer must not be new to those who compute from it.
    if (text !== held.current) {
      if (held.current !== '') disturb();
      held.current = text;
      setPolicy(answer.data);
    }
    return answer.data;
  }, [client, workflowId]);
  usePolling(
    async () => {
      await renew();
      return undefined;
    },
    POLICY_MS,
    workflowId,
  );
  return { policy, trouble, renew };
}

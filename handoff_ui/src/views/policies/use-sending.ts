import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Request } from '../../api/client';
import type { Problem } from '../../api/types';
import { useApp } from '../../context';
import { disturb } from '../../hooks/armed';
import { faultsOf } from './use-simulation';

export interface Sending {
  busy: boolean;
  trouble: string[];
  /** The answer, or null after a refusal, which then stands in `trouble`; `refused` may take one over by saying true. */
  send: <T>(path: string, request: Request, refused?: (problem: Problem) => Promise<boolean>) => Promise<T | null>;
  clear: () => void;
}

/** Sends one act at a time and says in words what was refused, what was kept, and what to do. */
export function useSending(): Sending {
  const { client } = useApp();
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string[]>([]);
  const unreached = useRef(false);
  useLayoutEffect(() => {
    // What was said of the connection does not hold any more.
    const back = (): void => void (unreached.current && setTrouble([]));
    window.addEventListener('online', back);
    return () => window.removeEventListener('online', back);
  }, []);
  const put = (sentences: string[]): void => {
    disturb();
    setTrouble(sentences);
    setBusy(false);
  };
  const send = async <T>(
    path: string,
    request: Request,
    refused?: (problem: Problem) => Promise<boolean>,
  ): Promise<T | null> => {
    setBusy(true);
    const answer = await client.send<T>(path, request);
    unreached.current = answer.kind === 'unreachable';
    if (answer.kind === 'ok') {
      put([]);
      return answer.data;
    }
    if (answer.kind === 'problem') {
      const taken = (await refused?.(answer.problem)) ?? false;
      put(taken ? [] : refusalWords(answer.problem));
    } else {
      put([
        `${answer.kind === 'unreachable' && answer.offline ? 'You are offline.' : 'Handoff does not answer right now.'} ` +
          'What you wrote is kept here. Press again in a moment: nothing is done twice.',
      ]);
    }
    return null;
  };
  return { busy, trouble, send, clear: () => setTrouble([]) };
}

/** What was refused, what was kept, what to do. */
export function refusalWords(problem: Problem): string[] {
  switch (problem.code) {
    case 'credential_missing':
    case 'credential_invalid':
      return [
        'Your session ended, so nothing was saved. What you wrote is kept on this page. ' +
          'Sign in again in another tab with your enrolment link, then press again.',
      ];
    case 'role_missing':
      return [`You may not do this. ${problem.detail} What you wrote is kept; ask somebody who may.`];
    case 'fresh_review_missing':
      return [
        'Its review is not approved yet, so it stays paused. Open the review, have it approved by a person, ' +
          'then press again.',
      ];
    case 'policy_unusable':
      return [
        'These rules cannot be used, so nothing was saved:',
        ...faultsOf(problem).map(({ sentence }) => sentence),
      ];
    case 'version_stale':
      return ['Somebody else saved meanwhile. Nothing was saved; your numbers are kept. Look at what changed.'];
    default:
      return [`${problem.detail} Nothing was saved; what you wrote is kept.`];
  }
}

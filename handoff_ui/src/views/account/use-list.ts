import { useCallback, useLayoutEffect, useState } from 'preact/hooks';
import { useApp } from '../../context';

export interface List<T> {
  /** Null until the companion answered. */
  items: T[] | null;
  /** What went wrong with the last thing that was asked, in words. */
  fault: string | null;
  /** Sends an act and, when it was done, asks for the list again. Gives what was answered, or null. */
  act: <A>(path: string, method: 'POST' | 'DELETE', body: object) => Promise<A | null>;
  reload: () => Promise<void>;
}

export const NO_ANSWER = 'Handoff does not answer. Try again in a moment.';

/** What one has of one kind: passkeys, sessions, tokens. */
export function useList<T>(path: string): List<T> {
  const { client, renewSession } = useApp();
  const [items, setItems] = useState<T[] | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const reload = useCallback(async (): Promise<void> => {
    const answer = await client.send<{ items: T[] }>(path);
    if (answer.kind === 'ok') setItems(answer.data.items);
    else if (answer.kind === 'unreachable') setFault(NO_ANSWER);
    else if (answer.kind === 'problem' && answer.problem.status === 401) await renewSession();
    else if (answer.kind === 'problem') setFault(answer.problem.detail);
  }, [client, path, renewSession]);
  useLayoutEffect(() => void reload(), [reload]);
  const act: List<T>['act'] = async <A>(at: string, method: 'POST' | 'DELETE', body: object) => {
    setFault(null);
    const answer = await client.send<A>(at, { method, body });
    if (answer.kind === 'problem' && answer.problem.status === 401) await renewSession();
    else if (answer.kind === 'problem') setFault(answer.problem.detail);
    else if (answer.kind === 'unreachable') setFault(NO_ANSWER);
    await reload();
    return answer.kind === 'ok' ? answer.data : null;
  };
  return { items, fault, act, reload };
}

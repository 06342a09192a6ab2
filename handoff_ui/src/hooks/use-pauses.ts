import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Client } from '../api/client';
import type { Pause } from '../api/policy-types';
import { disturb } from './armed';
import { usePolling } from './use-polling';

const PAUSES_MS = 10_000;
const NEVER_MS = 3_600_000;
/** Nobody waits longer for the bar than that; it comes later then. */
export const PATIENCE_MS = 1_500;

export interface Paused {
  /** What is paused now; null until the companion said it. */
  pauses: Pause[] | null;
  renew: () => Promise<void>;
}

/** What is paused, for whoever may know: asked for every ten seconds, and never while nobody is signed in. */
export function usePauses(client: Client, isSignedIn: boolean): Paused {
  const [pauses, setPauses] = useState<Pause[] | null>(null);
  const etag = useRef<string | null>(null);
  const visit = useCallback(async (): Promise<number | undefined> => {
    if (!isSignedIn) return NEVER_MS;
    const headers: Record<string, string> = etag.current === null ? {} : { 'If-None-Match': etag.current };
    const answer = await client.send<{ items: Pause[] }>('/v1/pauses', { headers });
    if (answer.kind === 'ok') {
      etag.current = answer.etag;
      setPauses(answer.data.items.filter(({ ended_at }) => !ended_at));
    } else setPauses((before) => before ?? []);
    // Who may not know it is not asked again; an answer from before somebody signed in says nothing.
    return answer.kind === 'problem' && answer.problem.status !== 401 ? NEVER_MS : undefined;
  }, [client, isSignedIn]);
  usePolling(visit, PAUSES_MS, String(isSignedIn));
  useLayoutEffect(() => {
    if (!isSignedIn) return;
    const timer = setTimeout(() => setPauses((before) => before ?? []), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isSignedIn]);
  const many = pauses?.length;
  // The bar moves everything below it.
  useLayoutEffect(disturb, [many]);
  const renew = useCallback(async (): Promise<void> => void (await visit()), [visit]);
  return { pauses, renew };
}

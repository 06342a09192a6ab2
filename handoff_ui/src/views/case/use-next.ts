import { useEffect, useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import type { Inbox, Row } from '../../api/types';
import { useApp } from '../../context';
import { inOrder } from '../inbox/order';

/** The open cases in the order of the inbox; null when they cannot be had. */
export async function waitingCases(client: Client): Promise<{ items: Row[]; waiting: number } | null> {
  const answer = await client.send<Inbox>('/v1/handoffs?state=open&limit=200');
  return answer.kind === 'ok' ? { items: inOrder(answer.data.items, 'open'), waiting: answer.data.waiting } : null;
}

/** Which case to open after this one, and how many wait; `id` null when none does. */
export function useNext(currentId: string): { id: string | null; waiting: number } | null {
  const { client, session } = useApp();
  const [next, setNext] = useState<{ id: string | null; waiting: number } | null>(null);
  const mayList = session !== null && session.assurance !== 'link';
  useEffect(() => {
    let over = false;
    if (!mayList) return;
    void waitingCases(client).then((found) => {
      if (over || found === null) return;
      const others = found.items.filter(
        ({ id, claim }) => id !== currentId && (claim === null || claim.by.id === session.reviewer.id),
      );
      setNext({ id: others[0]?.id ?? null, waiting: Math.max(others.length, found.waiting) });
    });
    return () => {
      over = true;
    };
  }, [client, currentId, mayList, session]);
  return next;
}

import { useEffect, useState } from 'preact/hooks';
import type { Client } from '../../api/client';
import type { Inbox } from '../../api/types';
import { useApp } from '../../context';
import { filterQuery, type Filters } from '../../route';
import { cameWith } from '../inbox/came-with';

/** The cases that wait in the view one came from, in its order; null when they cannot be had. */
export async function waitingCases(client: Client): Promise<Inbox | null> {
  return ask(client, cameWith(), 'limit=200');
}

/** Which case of that view to open after this one, and how many wait; `id` null when none does. */
export function useNext(currentId: string): { id: string | null; waiting: number } | null {
  const { client, session } = useApp();
  const [next, setNext] = useState<{ id: string | null; waiting: number } | null>(null);
  const mayList = session !== null && session.assurance !== 'link';
  useEffect(() => {
    let over = false;
    if (!mayList) return;
    // Two are enough: this one may still be among them.
    void ask(client, cameWith(), 'claimable=true&limit=2').then((found) => {
      if (over || found === null) return;
      const others = found.items.filter(({ id }) => id !== currentId);
      const waiting = found.waiting - (found.items.length - others.length);
      setNext({ id: others[0]?.id ?? null, waiting: Math.max(others.length, waiting) });
    });
    return () => {
      over = true;
    };
  }, [client, currentId, mayList]);
  return next;
}

async function ask(client: Client, filters: Filters, more: string): Promise<Inbox | null> {
  const query = filterQuery(filters);
  const answer = await client.send<Inbox>(`/v1/handoffs?state=open&${more}${query === '' ? '' : `&${query}`}`);
  return answer.kind === 'ok' ? answer.data : null;
}

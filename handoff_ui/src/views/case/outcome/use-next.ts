import { useLayoutEffect, useState } from 'preact/hooks';
import type { Client } from '../../../api/client';
import type { Inbox } from '../../../api/types';
import { useApp } from '../../../context';
import { filterQuery, type Filters } from '../../../route';
import { cameWith } from '../../inbox/came-with';

const MAX_PAGES = 5;

/** The cases that wait in the view one came from, in its order; null when they cannot be had. */
export async function waitingCases(client: Client): Promise<Inbox | null> {
  return ask(client, cameWith(), 'limit=200');
}

/** Which case to open after this one, and how many wait; `id` null when none does, below 0 if not known. */
export interface Following {
  id: string | null;
  waiting: number;
  /** Whether it is of all that waits, because the view that one came from has none left. */
  ofAll?: boolean;
}

export function useNext(currentId: string): Following | null {
  const { client, session } = useApp();
  const [next, setNext] = useState<Following | null>(null);
  const mayList = session !== null && session.assurance !== 'link';
  useLayoutEffect(() => {
    let over = false;
    if (!mayList) return;
    void following(client, currentId).then((found) => {
      if (!over) setNext(found ?? { id: null, waiting: -1 });
    });
    return () => {
      over = true;
    };
  }, [client, currentId, mayList]);
  return next;
}

async function following(client: Client, currentId: string): Promise<Following | null> {
  const view = cameWith();
  const found = await nextAfter(client, currentId, view);
  if (found?.id !== null || filterQuery(view) === '') return found;
  const other = await nextAfter(client, currentId, {});
  return other?.id == null ? found : { ...other, ofAll: true };
}

async function nextAfter(client: Client, currentId: string, view: Filters): Promise<Following | null> {
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    // Two are enough: the case that was just decided may still be among them.
    const found: Inbox | null = await ask(
      client,
      view,
      `claimable=true&limit=2${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    if (found === null) return null;
    const others = found.items.filter(({ id }) => id !== currentId);
    const waiting = Math.max(others.length, found.waiting - (found.items.length - others.length));
    if (others[0] !== undefined) return { id: others[0].id, waiting };
    // A page may be empty although another follows: so many cases are looked through for each.
    if (found.cursor === null) break;
    ({ cursor } = found);
  }
  return { id: null, waiting: 0 };
}

async function ask(client: Client, filters: Filters, more: string): Promise<Inbox | null> {
  const query = filterQuery(filters);
  const answer = await client.send<Inbox>(`/v1/handoffs?state=open&${more}${query === '' ? '' : `&${query}`}`);
  return answer.kind === 'ok' ? answer.data : null;
}

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Inbox, Row } from '../../api/types';
import { useApp } from '../../context';
import { useShortcuts } from '../../hooks/use-shortcuts';
import { usePolling } from '../../hooks/use-polling';
import { Notice } from '../../parts/alarm';
import { Button } from '../../parts/button';
import type { InboxState } from '../../route';
import { BlockedView } from '../blocked';
import { Filters } from './filters';
import { inOrder } from './order';
import { Rows } from './rows';

const INBOX_MS = 10_000;
const PAGE_SIZE = 100;

interface InboxProps {
  state: InboxState;
  workflowId: string | null;
}

/** Everything that waits, or was decided. What is shown stands in the address, so that a view can be shared. */
export function InboxView({ state, workflowId }: InboxProps): JSX.Element {
  const { client } = useApp();
  const [inbox, setInbox] = useState<Inbox | null>(null);
  const [more, setMore] = useState<{ items: Row[]; cursor: string | null } | null>(null);
  const [trouble, setTrouble] = useState<'lost' | 'offline' | 'signed_out' | 'no_access' | null>(null);
  const etag = useRef<string | null>(null);

  const address = (cursor: string | null): string => {
    const query = new URLSearchParams({ state, limit: String(PAGE_SIZE) });
    if (workflowId !== null) query.set('workflow_id', workflowId);
    if (cursor !== null) query.set('cursor', cursor);
    return `/v1/handoffs?${query.toString()}`;
  };
  usePolling(
    async () => {
      const headers: Record<string, string> = etag.current === null ? {} : { 'If-None-Match': etag.current };
      const answer = await client.send<Inbox>(address(null), { headers });
      if (answer.kind === 'ok') {
        etag.current = answer.etag;
        setInbox(answer.data);
      }
      if (answer.kind === 'unreachable') setTrouble(answer.offline ? 'offline' : 'lost');
      else if (answer.kind === 'problem') setTrouble(answer.problem.status === 401 ? 'signed_out' : 'no_access');
      else setTrouble(null);
      return undefined;
    },
    INBOX_MS,
    address(null),
  );
  useEffect(() => {
    const waiting = inbox?.waiting ?? 0;
    document.title = waiting > 0 ? `(${waiting}) Inbox – Handoff` : 'Inbox – Handoff';
  }, [inbox]);

  const list = useRef<HTMLDivElement>(null);
  useShortcuts({ j: () => moveFocus(list.current, 1), k: () => moveFocus(list.current, -1) });

  if (trouble === 'signed_out' || trouble === 'no_access') return <BlockedView why={{ why: trouble }} />;
  if (inbox === null) {
    if (trouble !== null) return <BlockedView why={{ why: trouble }} />;
    return (
      <p class="loading" role="status">
        Looking what waits…
      </p>
    );
  }
  const seen = new Set(inbox.items.map(({ id }) => id));
  const rows = inOrder([...inbox.items, ...(more?.items ?? []).filter(({ id }) => !seen.has(id))], state);
  const cursor = more === null ? inbox.cursor : more.cursor;
  const loadMore = async (): Promise<void> => {
    const answer = await client.send<Inbox>(address(cursor));
    if (answer.kind === 'ok') {
      setMore({ items: [...(more?.items ?? []), ...answer.data.items], cursor: answer.data.cursor });
    }
  };
  return (
    <div class="inbox" ref={list}>
      <h1 class="inbox__title">{state === 'open' ? waitingWords(inbox.waiting) : 'Decided'}</h1>
      <Filters state={state} workflowId={workflowId} rows={rows} />
      {trouble !== null && (
        <Notice title={trouble === 'offline' ? 'You are offline.' : 'Handoff does not answer right now.'}>
          This list may be out of date. It is asked for again by itself.
        </Notice>
      )}
      {rows.length === 0 ? (
        <Empty state={state} filtered={workflowId !== null} today={inbox.decided_today} />
      ) : (
        <Rows rows={rows} decided={state === 'decided'} />
      )}
      {cursor !== null && <Button onPress={() => void loadMore()}>Show more</Button>}
    </div>
  );
}

function waitingWords(waiting: number): string {
  if (waiting === 0) return 'Nothing waits';
  return waiting === 1 ? '1 case waits' : `${waiting} cases wait`;
}

function Empty({ state, filtered, today }: { state: InboxState; filtered: boolean; today: number }): JSX.Element {
  const where = filtered ? ' in this workflow' : '';
  return (
    <p class="inbox__empty">
      {state === 'open' ? `Nothing waits for you${where}. ${today} decided today.` : `Nothing was decided${where} yet.`}
    </p>
  );
}

/** j and k walk through the rows; the first press starts at the top. */
export function moveFocus(list: HTMLElement | null, by: 1 | -1): void {
  const links = [...(list?.querySelectorAll<HTMLElement>('.row__link') ?? [])];
  const at = links.findIndex((link) => link === document.activeElement);
  const to = at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + by));
  links[to]?.focus();
}

import type { RefObject } from 'preact';
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Listing } from '../../api/desk-types';
import { count } from '../../content/reading';
import { useApp } from '../../context';
import { usePolling } from '../../hooks/use-polling';
import { filterQuery, type Filters } from '../../route';
import { append, arrive, settle, type Shown } from './arriving';

const INBOX_MS = 10_000;
/** Nobody looks, but the title of the tab still tells how many wait. */
const HIDDEN_MS = 60_000;
const PAGE_SIZE = 100;
const FEW = 20;
const MAX_STEPS = 10;

export type Trouble = 'lost' | 'offline' | 'no_access';

export interface InboxList {
  /** Null until the first answer came. */
  shown: Shown | null;
  /** Whether what is shown belongs to other filters than those that are set now. */
  isOld: boolean;
  trouble: Trouble | null;
  showFresh: () => void;
  showMore: () => Promise<void>;
}

/** What waits, asked for every ten seconds; `list` is the element whose rows must not move under a hand. */
export function useInbox(filters: Filters, list: RefObject<HTMLElement | null>): InboxList {
  const { client, renewSession } = useApp();
  const [shown, setShown] = useState<Shown | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const etag = useRef<{ of: string; tag: string | null } | null>(null);
  const address = listAddress(filters);
  usePolling(
    async () => {
      const tag = etag.current?.of === address ? etag.current.tag : null;
      const headers: Record<string, string> = tag === null ? {} : { 'If-None-Match': tag };
      const answer = await client.send<Listing>(address, { headers });
      const held = isHeld(list.current);
      if (answer.kind === 'ok') {
        etag.current = { of: address, tag: answer.etag };
        setShown((before) => arrive(before, address, answer.data, held));
      } else if (answer.kind === 'not_modified') {
        setShown((before) => before && (held ? before : settle(before)));
      } else if (answer.kind === 'problem' && answer.problem.status === 401) {
        // The address stays, so that whoever signs in again is back where they were.
        await renewSession();
      }
      setTrouble(
        answer.kind === 'unreachable'
          ? answer.offline
            ? 'offline'
            : 'lost'
          : answer.kind === 'problem' && answer.problem.status !== 401
            ? 'no_access'
            : null,
      );
      return undefined;
    },
    INBOX_MS,
    address,
    HIDDEN_MS,
  );
  const showFresh = useCallback((): void => setShown((before) => before && settle(before)), []);
  const showMore = async (): Promise<void> => {
    if (shown?.cursor == null) return;
    const answer = await client.send<Listing>(`${address}&cursor=${encodeURIComponent(shown.cursor)}`);
    if (answer.kind !== 'ok') return;
    setShown((before) => (before?.address === address ? append(before, answer.data) : before));
  };
  const steps = useRef({ of: address, many: 0 });
  useLayoutEffect(() => {
    if (shown === null || shown.address !== address || shown.cursor === null) return;
    if (steps.current.of !== address) steps.current = { of: address, many: 0 };
    // A search looks through so many cases a step; one that found little yet goes on by itself for a while.
    if (shown.rows.length < FEW && (steps.current.many += 1) <= MAX_STEPS) void showMore();
    // Asked for once for each cursor.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [shown?.cursor, address]);
  return { shown, isOld: shown !== null && shown.address !== address, trouble, showFresh, showMore };
}

function listAddress(filters: Filters): string {
  const query = filterQuery({ ...filters, state: undefined });
  const state = filters.state === 'decided' ? 'decided' : 'open';
  return `/v1/handoffs?state=${state}&limit=${PAGE_SIZE}${query === '' ? '' : `&${query}`}`;
}

/** Whether a hand is on the list: the pointer over it, the focus in it, or the page scrolled down into it. */
function isHeld(list: HTMLElement | null): boolean {
  if (list === null || document.hidden) return false;
  return list.matches(':hover') || list.contains(document.activeElement) || window.scrollY > 0;
}

/** Says once of each case that it came, politely, and not what was there from the beginning. */
export function useArrivals(shown: Shown | null): string {
  const [words, setWords] = useState('');
  const known = useRef<{ address: string; ids: Set<string> } | null>(null);
  useLayoutEffect(() => {
    if (shown === null) return;
    const { items, waiting } = shown.newest;
    const before = known.current;
    if (before?.address === shown.address) {
      const many = items.filter(({ id }) => !before.ids.has(id)).length;
      if (many > 0) setWords(`${count(many, 'new case')}. ${waiting} in all.`);
      for (const { id } of items) before.ids.add(id);
    } else known.current = { address: shown.address, ids: new Set(items.map(({ id }) => id)) };
  }, [shown]);
  return words;
}

import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Delivery, Row } from '../../api/types';
import { useApp } from '../../context';
import { humanise } from '../../content/humanise';
import { moveFocus } from '../../hooks/move-focus';
import { usePolling } from '../../hooks/use-polling';
import { useShortcuts } from '../../hooks/use-shortcuts';
import { BlockedView } from '../blocked';
import type { Blocked } from '../../trust/fetch-package';
import { deliveryWords } from '../../words/delivery';
import { isOpen } from '../../words/standing';
import { Rows } from './rows';

const GROUP_MS = 10_000;

interface Group {
  id: string;
  workflow_id: string;
  handoffs: Row[];
  delivery: Delivery | null;
}

/** The cases that one step of a workflow asked for together; it goes on when each has an outcome. */
export function GroupView({ groupId }: { groupId: string }): JSX.Element {
  const { client } = useApp();
  const [group, setGroup] = useState<Group | null>(null);
  const [why, setWhy] = useState<Blocked['why'] | null>(null);
  const etag = useRef<string | null>(null);
  usePolling(
    async () => {
      const headers: Record<string, string> = etag.current === null ? {} : { 'If-None-Match': etag.current };
      const answer = await client.send<Group>(`/v1/groups/${groupId}`, { headers });
      if (answer.kind === 'ok') {
        etag.current = answer.etag;
        setGroup(answer.data);
      }
      if (answer.kind === 'unreachable') setWhy(answer.offline ? 'offline' : 'lost');
      else if (answer.kind === 'problem') {
        setWhy(({ 401: 'signed_out', 403: 'no_access' } as const)[answer.problem.status] ?? 'not_found');
      } else setWhy(null);
      return undefined;
    },
    GROUP_MS,
    groupId,
  );
  const list = useRef<HTMLDivElement>(null);
  useShortcuts({ j: () => moveFocus(list.current, 1), k: () => moveFocus(list.current, -1) });
  const open = group?.handoffs.filter(isOpen).length ?? 0;
  useLayoutEffect(() => {
    if (group !== null) document.title = `${open} of ${group.handoffs.length} wait – Handoff`;
  }, [group, open]);

  if (why !== null && group === null) return <BlockedView why={{ why }} />;
  if (group === null) return <p class="loading">Looking what waits…</p>;
  const total = group.handoffs.length;
  return (
    <div class="inbox" ref={list}>
      <h1 class="inbox__title">
        {total - open} of {total} decided
      </h1>
      <p class="inbox__lede">
        One step of “{humanise(group.workflow_id)}” asked for these together.{' '}
        {open > 0 ? 'The workflow goes on when each of them has an outcome.' : deliveryWords(group, 0).text}
      </p>
      <progress class="progress" max={total} value={total - open} aria-label="Decided" />
      <div class="rows">
        <Rows rows={group.handoffs} />
      </div>
    </div>
  );
}

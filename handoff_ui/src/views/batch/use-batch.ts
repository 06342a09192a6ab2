import { useRef, useState } from 'preact/hooks';
import type { Batch } from '../../api/desk-types';
import { useApp } from '../../context';
import { disturb } from '../../hooks/armed';
import { usePolling } from '../../hooks/use-polling';
import { fetchToShow } from '../../parts/later-files';
import type { Blocked } from '../../trust/fetch-package';
import type { Content } from './choices';

const BATCH_MS = 10_000;
const AT_ONCE = 6;

export interface Held {
  batch: Batch | null;
  contents: ReadonlyMap<string, Content>;
  /** Why there is no batch to show. */
  trouble: Blocked['why'] | null;
  /** Asks at once again, by somebody who signed in elsewhere. */
  again: () => void;
}

/**
 * A batch as it stands, asked for while `isOpen`, and the checked package of each of its cases. What is shown stays when the session ends
 * (`hasEnded`: an act was refused for it).
 */
export function useBatch(id: string, isOpen: boolean, hasEnded: number): Held {
  const { client, findKey, session, renewSession } = useApp();
  const [tries, setTries] = useState(0);
  const [batch, setBatch] = useState<Batch | null>(null);
  const [contents, setContents] = useState<ReadonlyMap<string, Content>>(new Map());
  const [trouble, setTrouble] = useState<Held['trouble']>(null);
  const etag = useRef<string | null>(null);
  const asked = useRef(new Set<string>());

  const read = async (items: Batch['items']): Promise<void> => {
    const wanted = items.filter((item) => !asked.current.has(item.id));
    for (const item of wanted) asked.current.add(item.id);
    const one = async (): Promise<void> => {
      for (let item = wanted.shift(); item !== undefined; item = wanted.shift()) {
        const { id: of } = item;
        const content = await fetchToShow(client, findKey, of);
        // What could not be had is asked for again with the next answer.
        if ('why' in content && content.why !== 'unverified') asked.current.delete(of);
        disturb();
        setContents((before) => new Map(before).set(of, content));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  };
  usePolling(
    async () => {
      if (!isOpen) return undefined;
      const headers: Record<string, string> = etag.current === null ? {} : { 'If-None-Match': etag.current };
      const answer = await client.send<Batch>(`/v1/batches/${id}`, { headers });
      if (answer.kind === 'ok') {
        etag.current = answer.etag;
        setBatch(answer.data);
        void read(answer.data.items);
      } else if (answer.kind === 'not_modified') {
        if (batch !== null) void read(batch.items);
      } else if (answer.kind === 'problem' && answer.problem.status === 401 && batch === null) await renewSession();
      if (answer.kind === 'unreachable') setTrouble(answer.offline ? 'offline' : 'lost');
      else setTrouble(answer.kind !== 'problem' ? null : answer.problem.status === 401 ? 'signed_out' : 'not_found');
      return undefined;
    },
    BATCH_MS,
    `${id} ${isOpen} ${hasEnded} ${tries} ${session?.expires_at}`,
  );
  return { batch, contents, trouble, again: () => setTries((before) => before + 1) };
}

import { useCallback, useRef, useState } from 'preact/hooks';
import { now_ms } from '../../../api/clock';
import type { Live } from '../../../api/types';
import { useApp } from '../../../context';
import { disturb } from '../../../hooks/armed';
import { usePolling } from '../../../hooks/use-polling';
import { fetchToShow } from '../../../parts/later-files';
import type { Verified } from '../../../trust/token';
import { blockedBy, type Blocked } from '../../../trust/fetch-package';
import { isOpen } from '../../../words/standing';

export type Phase = { phase: 'loading' } | { phase: 'blocked'; why: Blocked } | ({ phase: 'ready' } & Ready);

export interface Ready {
  live: Live;
  verified: Verified;
  /** The companion has another package than the one on the screen. */
  stale: boolean;
  session: 'ok' | 'ended';
  connection: 'ok' | 'lost' | 'offline';
}

export interface Case {
  state: Phase;
  /** Takes over what an act answered, and ends when it is shown; `own` when the act itself made the new content. */
  adopt: (live: Live, own?: boolean) => Promise<void>;
  /** Shows the package that the companion has now. */
  showNewest: () => Promise<void>;
  sessionEnded: () => void;
  /** Asks the companion now, for as long as it takes one answer. */
  check: () => Promise<Live | null>;
}

const OPEN_CASE_MS = 2_000;
const SETTLED_CASE_MS = 10_000;
const MAX_BACKOFF_MS = 30_000;
const REFRESH_BEFORE_MS = 60_000;

/**
 * One case (the view is made anew for another): its verified package, and how it stands, asked for every two seconds.
 * `preload` fetches what else such a case needs, so that nothing moves once it is shown.
 */
export function useCase(id: string, preload: (live: Live) => Promise<unknown>): Case {
  const { client, findKey } = useApp();
  const [state, setState] = useState<Phase>({ phase: 'loading' });
  const held = useRef<Phase>(state);
  const etag = useRef<string | null>(null);
  const failures = useRef(0);

  const put = useCallback((next: Phase): void => {
    const before = held.current;
    const moved =
      before.phase !== next.phase ||
      (before.phase === 'ready' && next.phase === 'ready' && before.live.version !== next.live.version);
    if (moved) disturb();
    held.current = next;
    setState(next);
  }, []);
  const patch = useCallback(
    (changes: Partial<Ready>): void => {
      if (held.current.phase === 'ready') put({ ...held.current, ...changes });
    },
    [put],
  );

  /** Brings live state and package together; a package that fails its check is never shown. */
  const take = useCallback(
    async (live: Live, always = false): Promise<void> => {
      const before = held.current.phase === 'ready' ? held.current : null;
      // An answer that was asked for before an act may come in after the act's own.
      if (before !== null && live.version < before.live.version) return;
      const fits = before?.verified.packageDigest === live.package_digest;
      const fresh = before !== null && before.verified.expiresAt_ms - now_ms() > REFRESH_BEFORE_MS;
      if (before !== null && !always && ((fits && fresh) || (!fits && isOpen(live)))) {
        const same = before.live === live && before.stale === !fits;
        if (same && before.session === 'ok' && before.connection === 'ok') return;
        // A form or checks may have come to it, whose script must be there before anybody presses.
        void preload(live);
        put({ ...before, live, stale: !fits, session: 'ok', connection: 'ok' });
        return;
      }
      const [found] = await Promise.all([fetchToShow(client, findKey, id), preload(live)]);
      if ('package' in found) {
        const stale = found.packageDigest !== live.package_digest;
        put({ phase: 'ready', live, verified: found, stale, session: 'ok', connection: 'ok' });
      } else if (before === null || found.why === 'unverified') put({ phase: 'blocked', why: found });
    },
    [client, findKey, id, put, preload],
  );

  const visit = async (): Promise<number | undefined> => {
    const headers: Record<string, string> = etag.current === null ? {} : { 'If-None-Match': etag.current };
    const answer = await client.send<Live>(`/v1/handoffs/${id}`, { headers });
    if (answer.kind === 'unreachable') {
      failures.current += 1;
      const connection = answer.offline ? 'offline' : 'lost';
      if (held.current.phase === 'ready') patch({ connection });
      else put({ phase: 'blocked', why: { why: connection } });
      return Math.min(MAX_BACKOFF_MS, OPEN_CASE_MS * 2 ** failures.current);
    }
    failures.current = 0;
    if (answer.kind === 'problem') {
      if (answer.problem.status === 401 && held.current.phase === 'ready') patch({ session: 'ended' });
      else put({ phase: 'blocked', why: blockedBy(answer.problem) });
      return SETTLED_CASE_MS;
    }
    if (answer.kind === 'ok') {
      etag.current = answer.etag;
      await take(answer.data);
    } else if (held.current.phase === 'ready') await take(held.current.live);
    return held.current.phase === 'ready' && isWatched(held.current.live) ? OPEN_CASE_MS : SETTLED_CASE_MS;
  };
  usePolling(visit, OPEN_CASE_MS, id);

  const adopt = useCallback(
    (live: Live, own = false): Promise<void> => {
      etag.current = null;
      return take(live, own);
    },
    [take],
  );
  const check = useCallback(async (): Promise<Live | null> => {
    const answer = await client.send<Live>(`/v1/handoffs/${id}`);
    return answer.kind === 'ok' ? answer.data : null;
  }, [client, id]);
  const showNewest = useCallback(async (): Promise<void> => {
    const live = await check();
    if (live !== null) await take(live, true);
  }, [check, take]);
  const sessionEnded = useCallback((): void => patch({ session: 'ended' }), [patch]);
  return { state, adopt, showNewest, sessionEnded, check };
}

/** An open case, one that can still be undone, or one whose answer is still on its way. */
function isWatched(live: Live): boolean {
  return (
    isOpen(live) || live.undo != null || live.delivery?.status === 'pending' || live.delivery?.status === 'retrying'
  );
}

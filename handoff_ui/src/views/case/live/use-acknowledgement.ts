import { useLayoutEffect } from 'preact/hooks';
import type { Live } from '../../../api/types';
import { useApp } from '../../../context';
import { isOpen } from '../../../words/standing';

/**
 * Tells the companion once that somebody who is signed in has the case open: its clocks count it as acknowledged.
 * A personal link never does, because a mail scanner opens those too (row L1). Whether it arrives changes nothing here.
 */
export function useAcknowledgement(live: Live): void {
  const { client } = useApp();
  const { id, assurance } = live;
  const isDue = live.acknowledged_at === null && isOpen(live) && ['signed_in', 'step_up'].includes(assurance.have);
  useLayoutEffect(() => {
    if (isDue) void client.send(`/v1/handoffs/${id}/acknowledgement`, { method: 'PUT', body: {} });
  }, [client, id, isDue]);
}

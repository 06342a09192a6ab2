import { useState } from 'preact/hooks';
import type { Client } from '../api/client';
import type { PolicyRow } from '../api/policy-types';
import type { Session } from '../api/types';
import { usePolling } from './use-polling';

const PROPOSALS_MS = 30_000;
const NEVER_MS = 3_600_000;

/** Whether this person can sign off what waits on a row: governance, and not whoever proposed it. */
export function maySign({ proposal, proposed_by }: PolicyRow, reviewer: Session['reviewer']): boolean {
  return proposal && reviewer.roles.includes('governance') && proposed_by?.id !== reviewer.id;
}

/** How many proposals wait for this person; nobody but governance asks. */
export function useProposals(client: Client, reviewer: Session['reviewer'] | null): number {
  const [many, setMany] = useState(0);
  const signs = reviewer?.roles.includes('governance') === true;
  usePolling(
    async () => {
      if (!signs) return NEVER_MS;
      const answer = await client.send<{ items: PolicyRow[] }>('/v1/policies');
      if (answer.kind === 'ok') setMany(answer.data.items.filter((row) => maySign(row, reviewer)).length);
      return undefined;
    },
    PROPOSALS_MS,
    signs ? reviewer.id : '',
  );
  return signs ? many : 0;
}

import { useLayoutEffect, useState } from 'preact/hooks';
import type { Person } from '../../api/person';
import { useApp } from '../../context';

interface Colleague extends Person {
  roles: string[];
}

/** The name of whoever signs off what `proposer` proposes, where it can be one person only; else null. */
export function useSigner(proposer_id: string | null): string | null {
  const { client } = useApp();
  const [people, setPeople] = useState<Colleague[]>([]);
  useLayoutEffect(() => {
    let over = false;
    void client.send<{ items: Colleague[] }>('/v1/reviewers').then((answer) => {
      if (!over && answer.kind === 'ok') setPeople(answer.data.items);
    });
    return () => {
      over = true;
    };
  }, [client]);
  return signerAmong(people, proposer_id);
}

export function signerAmong(people: Colleague[], proposer_id: string | null): string | null {
  // Nobody signs off their own proposal.
  const [one, ...others] = people.filter(({ id, roles }) => roles.includes('governance') && id !== proposer_id);
  return one !== undefined && others.length === 0 ? one.name : null;
}

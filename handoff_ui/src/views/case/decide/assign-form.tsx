import type { JSX } from 'preact';
import { useLayoutEffect, useId, useState } from 'preact/hooks';
import type { Live } from '../../../api/types';
import { spelled } from '../../../content/reading';
import { useApp } from '../../../context';
import { GuardedButton } from '../../../parts/button';
import type { Acting } from '../acts/use-act';

interface AssignProps {
  live: Live;
  acting: Acting;
  busy: boolean;
}

interface Candidate {
  id: string;
  name: string;
  roles: string[];
}

/** Gives a case to a person to look after, or to nobody in particular; others may decide it all the same. */
export function AssignForm({ live, acting, busy }: AssignProps): JSX.Element {
  const { client } = useApp();
  const id = useId();
  const [people, setPeople] = useState<Candidate[] | null>(null);
  const [chosen, setChosen] = useState(live.assignee?.id ?? '');
  useLayoutEffect(() => {
    let over = false;
    void client.send<{ items: Candidate[] }>(`/v1/reviewers?handoff_id=${live.id}`).then((answer) => {
      if (!over) setPeople(answer.kind === 'ok' ? answer.data.items : []);
    });
    return () => {
      over = true;
    };
  }, [client, live.id]);
  if (people === null) return <p class="nothing">One moment…</p>;
  if (people.length === 0) return <p class="nothing">Nobody else may look after this case.</p>;
  return (
    <div class="field">
      <label class="field__label" for={id}>
        Who looks after it
      </label>
      <select id={id} class="input" value={chosen} onChange={({ currentTarget }) => setChosen(currentTarget.value)}>
        <option value="">Nobody in particular</option>
        {people.map((person) => (
          <option key={person.id} value={person.id}>
            {spelled(person.name)}
          </option>
        ))}
      </select>
      <GuardedButton
        look="plain"
        name="assign"
        disabled={busy || chosen === (live.assignee?.id ?? '')}
        onPress={() => acting.send({ kind: 'assign', reviewerId: chosen === '' ? null : chosen, rationale: null })}
      >
        Assign
      </GuardedButton>
    </div>
  );
}

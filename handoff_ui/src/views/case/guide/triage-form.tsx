import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { useKept } from '../../../hooks/use-kept';
import { spelled } from '../../../content/reading';
import type { Live } from '../../../api/types';
import { GuardedButton } from '../../../parts/button';
import { humanise } from '../../../content/humanise';
import { RISK_WORDS } from '../../../words/item';
import type { Acting } from '../acts/use-act';

interface TriageProps {
  live: Live;
  triage: NonNullable<Live['triage']>;
  acting: Acting;
  busy: boolean;
}

const TIERS = ['low', 'medium', 'high', 'critical'] as const;

/** Sorting: what it is about, who works on it, how risky it is. Risk can be raised here, never lowered (R-ROLE-01). */
export function TriageForm({ live, triage, acting, busy }: TriageProps): JSX.Element {
  const id = useId();
  const [category, setCategory] = useKept('triage.category', live.category ?? '');
  const [queue, setQueue] = useKept('triage.queue', live.queue ?? '');
  const [risk, setRisk] = useKept('triage.risk', live.risk_tier);
  const [note, setNote] = useKept('triage.note', '');
  const categories = [...new Set([live.category ?? '', ...triage.categories])].filter((name) => name !== '');
  const listed = triage.queues.some(({ id: name }) => name === live.queue) || live.queue == null;
  const send = (): void =>
    acting.send({
      kind: 'triage',
      sorted: {
        ...(category.trim() !== '' && { category: category.trim() }),
        ...(queue !== '' && { queue }),
        ...(risk !== live.risk_tier && { risk_tier: risk }),
      },
      reasonCode: null,
      rationale: note.trim() === '' ? null : note.trim(),
    });
  return (
    <form class="triage" onSubmit={(event) => event.preventDefault()}>
      <h3>Sort this case</h3>
      <div class="field">
        <label class="field__label" for={`${id}-category`}>
          What is it about?
        </label>
        <input
          id={`${id}-category`}
          class="input"
          list={`${id}-known`}
          maxLength={64}
          value={category}
          onInput={({ currentTarget }) => setCategory(currentTarget.value)}
        />
        <datalist id={`${id}-known`}>
          {categories.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </div>
      <div class="field">
        <label class="field__label" for={`${id}-queue`}>
          Who works on it?
        </label>
        <select
          id={`${id}-queue`}
          class="input"
          value={queue}
          onChange={({ currentTarget }) => setQueue(currentTarget.value)}
        >
          {live.queue == null && <option value="">Everybody</option>}
          {!listed && <option value={live.queue ?? ''}>{humanise(live.queue ?? '')}</option>}
          {triage.queues.map(({ id: name, title }) => (
            <option key={name} value={name}>
              {spelled(title)}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label class="field__label" for={`${id}-risk`}>
          How risky is it? It can be raised, not lowered
        </label>
        <select
          id={`${id}-risk`}
          class="input"
          value={risk}
          onChange={({ currentTarget }) => setRisk(currentTarget.value as typeof risk)}
        >
          {TIERS.slice(TIERS.indexOf(live.risk_tier)).map((tier) => (
            <option key={tier} value={tier}>
              {RISK_WORDS[tier]}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label class="field__label" for={`${id}-note`}>
          Why (optional)
        </label>
        <textarea
          id={`${id}-note`}
          class="input"
          rows={2}
          maxLength={8000}
          value={note}
          onInput={({ currentTarget }) => setNote(currentTarget.value)}
        />
      </div>
      <GuardedButton look="main" name="triage" disabled={busy} onPress={send}>
        Sort it, and pass it on
      </GuardedButton>
    </form>
  );
}

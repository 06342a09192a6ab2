import type { JSX } from 'preact';
import type { Row } from '../../api/types';
import { useApp } from '../../context';
import { humanise } from '../../content/humanise';
import { inboxAddress, type InboxState } from '../../route';

interface FiltersProps {
  state: InboxState;
  workflowId: string | null;
  rows: Row[];
}

export function Filters({ state, workflowId, rows }: FiltersProps): JSX.Element {
  const { session } = useApp();
  const known = new Set([...(session?.reviewer.workflows ?? []), ...rows.map((row) => row.workflow_id)]);
  if (workflowId !== null) known.add(workflowId);
  const go = (to: string): void => {
    window.location.hash = inboxAddress({ state, workflowId: to === '' ? null : to });
  };
  return (
    <div class="filters">
      <nav class="tabs" aria-label="Which cases">
        <a href={inboxAddress({ state: 'open', workflowId })} aria-current={state === 'open' ? 'page' : undefined}>
          Waiting
        </a>
        <a
          href={inboxAddress({ state: 'decided', workflowId })}
          aria-current={state === 'decided' ? 'page' : undefined}
        >
          Decided
        </a>
      </nav>
      {known.size > 1 && (
        <label class="filters__workflow">
          Workflow
          <select class="input" value={workflowId ?? ''} onChange={({ currentTarget }) => go(currentTarget.value)}>
            <option value="">All</option>
            {[...known].sort().map((id) => (
              <option key={id} value={id}>
                {humanise(id)}
              </option>
            ))}
          </select>
        </label>
      )}
    </div>
  );
}

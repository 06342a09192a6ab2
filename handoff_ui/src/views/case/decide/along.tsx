import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Live } from '../../../api/types';
import { spelled } from '../../../content/reading';
import { later } from '../../../parts/later';
import type { Acting } from '../acts/use-act';
import type { Controls } from '../controls/use-controls';
import { Urgency } from './form-extras';

const AssignForm = later(() => import('./assign-form').then(({ AssignForm: found }) => found));

interface AlongProps {
  live: Live;
  /** Whether waiting costs something here. */
  urgent: boolean;
  controls: Controls;
  acting: Acting;
}

/** What can go along with an approval, though nothing asks for it; and who looks after the case. */
export function Along({ live, urgent, controls, acting }: AlongProps): JSX.Element {
  const id = useId();
  const { extras, set, offered, needsReason } = controls;
  const [assigning, setAssigning] = useState(false);
  const comments = offered('approve')?.allowed === true && !needsReason('approve');
  return (
    <>
      {comments && (
        <div class="field actions__wide">
          <label class="field__label" for={id}>
            Comment with your approval (optional)
          </label>
          <textarea
            id={id}
            class="input"
            rows={2}
            maxLength={8000}
            value={extras.comment}
            onInput={({ currentTarget }) => set({ comment: currentTarget.value })}
          />
        </div>
      )}
      {comments && urgent && (
        <div class="actions__wide">
          <Urgency controls={controls} />
        </div>
      )}
      {live.duties?.includes('assign') === true && (
        <details class="actions__wide" onToggle={({ currentTarget }) => setAssigning(currentTarget.open)}>
          <summary>
            {live.assignee ? `${spelled(live.assignee.name ?? 'Somebody')} looks after it` : 'Give it to somebody'}
          </summary>
          {assigning && <AssignForm live={live} acting={acting} busy={controls.busy} />}
        </details>
      )}
    </>
  );
}

import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { Live } from '../../../api/types';
import { targetsOf } from '../../../words/stage';
import { asksOfPause } from '../../../words/standing';
import { decides } from '../acts/acts';
import { Evidence } from '../guide/evidence';
import type { FormKind } from '../acts/form-words';
import type { Controls } from '../controls/use-controls';
import { EditFindings } from './edit-findings';

interface ExtrasProps {
  kind: FormKind;
  live: Live;
  controls: Controls;
}

/** What stands before the reason: where to, or what the rules say of the edit. */
export function FormLead({ kind, live, controls }: ExtrasProps): JSX.Element | null {
  if (kind === 'modify') return <EditFindings check={controls.editCheck} />;
  return kind === 'escalate' ? <Targets live={live} controls={controls} /> : null;
}

/** What a form of this act asks beside its reason: what shows it, how urgent it is. */
export function FormExtras({ kind, live, urgent, controls }: ExtrasProps & { urgent: boolean }): JSX.Element {
  const overrules = kind === 'reject' || kind === 'modify';
  const showsEvidence = kind === 'verify' || (overrules && live.routing?.evidence_required === true);
  return (
    <>
      {showsEvidence && <Evidence controls={controls} required={kind !== 'verify'} />}
      {overrules && !asksOfPause(live) && <Mark controls={controls} />}
      {(kind === 'escalate' || decides(kind)) && urgent && <Urgency controls={controls} />}
    </>
  );
}

/** The next level, or one of the places that the policy names. */
function Targets({ live, controls }: { live: Live; controls: Controls }): JSX.Element | null {
  const id = useId();
  const { extras, set } = controls;
  const options = targetsOf(live);
  if (options.length < 2) return null;
  return (
    <div class="field">
      <label class="field__label" for={id}>
        To whom
      </label>
      <select
        id={id}
        class="input"
        value={extras.target ?? options[0]?.id}
        onChange={({ currentTarget }) => set({ target: currentTarget.value === '' ? null : currentTarget.value })}
      >
        {options.map(({ id: target, words }) => (
          <option key={target} value={target}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}

/** For the figures of the model: which kind of mistake a correction shows (R-LBL-06). */
function Mark({ controls: { extras, set } }: { controls: Controls }): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label class="field__label" for={id}>
        Kind of mistake (optional)
      </label>
      <select
        id={id}
        class="input"
        value={extras.mark}
        onChange={({ currentTarget }) => set({ mark: currentTarget.value as typeof extras.mark })}
      >
        <option value="">Not said</option>
        <option value="false_positive">It saw something that is not there</option>
        <option value="false_negative">It missed something that is there</option>
      </select>
    </div>
  );
}

/** Why it is urgent, and whether the time that is left is enough (R-ACT-16). */
export function Urgency({ controls: { extras, set } }: { controls: Controls }): JSX.Element {
  const id = useId();
  return (
    <div class="field">
      <label class="field__label" for={`${id}-why`}>
        Why it is urgent (optional)
      </label>
      <input
        id={`${id}-why`}
        class="input"
        maxLength={500}
        value={extras.urgency}
        onInput={({ currentTarget }) => set({ urgency: currentTarget.value })}
      />
      <label class="field__label" for={`${id}-can`}>
        Can it still be done in time?
      </label>
      <select
        id={`${id}-can`}
        class="input"
        value={extras.feasible}
        onChange={({ currentTarget }) => set({ feasible: currentTarget.value as typeof extras.feasible })}
      >
        <option value="">Not said</option>
        <option value="yes">Yes</option>
        <option value="no">No</option>
      </select>
    </div>
  );
}

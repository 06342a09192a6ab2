import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import { Seen } from '../../../parts/quote';
import type { Controls } from '../controls/use-controls';

interface EvidenceProps {
  controls: Controls;
  required: boolean;
  /** The title of the check that it is for. */
  of?: string | null;
}

/** What shows that it is so: asked for where policy wants it of whoever overrules the model. */
export function Evidence({ controls, required, of = null }: EvidenceProps): JSX.Element {
  const id = useId();
  const { evidence } = controls.extras;
  const put = (changes: Partial<typeof evidence>): void => controls.set({ evidence: { ...evidence, ...changes } });
  return (
    <div class="field">
      <label class="field__label" for={`${id}-title`}>
        {of !== null ? (
          <>
            Evidence for “<Seen text={of} />”
          </>
        ) : required ? (
          'What shows it? Name the evidence'
        ) : (
          'Evidence (optional)'
        )}
      </label>
      <input
        id={`${id}-title`}
        class="input"
        maxLength={200}
        required={required}
        value={evidence.title}
        onInput={({ currentTarget }) => put({ title: currentTarget.value })}
      />
      {evidence.title !== '' && (
        <textarea
          class="input"
          rows={2}
          maxLength={2000}
          aria-label="What the evidence says, or where it is"
          placeholder="What it says, or where it is"
          value={evidence.text}
          onInput={({ currentTarget }) => put({ text: currentTarget.value })}
        />
      )}
    </div>
  );
}

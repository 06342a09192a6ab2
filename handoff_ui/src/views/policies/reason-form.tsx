import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useId, useRef, useState } from 'preact/hooks';
import { focusOn } from '../../hooks/armed';
import { Button, GuardedButton } from '../../parts/button';
import { HoldButton } from '../../parts/hold-button';

interface ReasonFormProps {
  title: string;
  /** The question above the text field. */
  ask: string;
  submit: string;
  cancel?: string;
  busy: boolean;
  /** Why it cannot be sent now. */
  blocked?: string | null;
  /** What was refused, what was kept, what to do. */
  trouble: string[];
  /** Set where the act is felt at once: the button is held, or this word typed. */
  word?: string;
  look?: 'main' | 'strong';
  children?: ComponentChildren;
  onSubmit: (reason: string) => void;
  onCancel: () => void;
}

/** An act over the rules: what it will do, and a sentence why, which stays with it for good (R-GOV-16). */
export function ReasonForm(props: ReasonFormProps): JSX.Element {
  const { title, ask, submit, cancel = 'Back', busy, blocked = null, trouble, word, look = 'main', children } = props;
  const { onSubmit, onCancel } = props;
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLDivElement>(null);
  const id = useId();
  useLayoutEffect(() => focusOn(form.current?.querySelector<HTMLElement>('textarea') ?? null), []);

  const off = busy || blocked !== null;
  const lacks = reason.trim() === '';
  const send = (): void => {
    setTried(true);
    if (lacks) form.current?.querySelector('textarea')?.focus();
    else if (!off) onSubmit(reason.trim());
  };
  return (
    <div
      class="reason-form"
      ref={form}
      role="group"
      aria-labelledby={`${id}-title`}
      onKeyDown={(event) => event.key === 'Escape' && onCancel()}
    >
      <h2 id={`${id}-title`}>{title}</h2>
      {children}
      <div class="field">
        <label class="field__label" for={`${id}-why`}>
          {ask}
        </label>
        <textarea
          id={`${id}-why`}
          class="input"
          rows={2}
          maxLength={2000}
          required
          value={reason}
          aria-invalid={tried && lacks}
          aria-describedby={tried && lacks ? `${id}-lacks` : undefined}
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
        />
        {tried && lacks && (
          <p id={`${id}-lacks`} class="field__wrong">
            Write a sentence; others will read it.
          </p>
        )}
      </div>
      {trouble.length > 0 && (
        <div class="alarm" role="alert">
          {trouble.map((sentence) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </div>
      )}
      {blocked !== null && <p class="blocked">{blocked}</p>}
      <div class="reason-form__buttons">
        {word !== undefined && !lacks ? (
          <HoldButton label={submit} word={word} disabled={off} onConfirm={send} />
        ) : (
          <GuardedButton look={look} disabled={off} onPress={send}>
            {busy ? 'Sending…' : submit}
          </GuardedButton>
        )}
        <Button onPress={onCancel} disabled={busy}>
          {cancel}
        </Button>
      </div>
    </div>
  );
}

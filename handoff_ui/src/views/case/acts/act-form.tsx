import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useId, useRef, useState } from 'preact/hooks';
import type { Live } from '../../../api/types';
import { focusOn } from '../../../hooks/armed';
import { useKept } from '../../../hooks/use-kept';
import { Button, GuardedButton } from '../../../parts/button';
import { Seen } from '../../../parts/quote';
import { later } from '../../../parts/later';
import type { FormWords } from './form-words';

/** Only who comes with a personal link confirms by it: fetched with their case, so that no answer waits for it. */
const SlideToConfirm = later(() => import('../../../parts/slide-to-confirm').then((found) => found.SlideToConfirm));

export async function preloadConfirm({ assurance, confirm_word }: Live): Promise<void> {
  if (assurance.have === 'link' && confirm_word !== null) await SlideToConfirm.preload();
}

export interface Filled {
  reasonCode: string | null;
  text: string | null;
  confirmWord: string | null;
}

interface FormProps {
  words: FormWords;
  /** The codes to choose from; null where no code is asked for. */
  reasonCodes: { code: string; label: string }[] | null;
  /** Set for a personal link: the decision needs a deliberate confirm. */
  confirmWord: string | null;
  /** Why it cannot be sent now. */
  blocked: string | null;
  busy: boolean;
  /** Whether the press is confirmed with a passkey. */
  passkey?: boolean;
  onSubmit: (filled: Filled) => void;
  onCancel: () => void;
  /** What this act asks or says before its reason. */
  lead?: ComponentChildren;
  /** What else it asks; a required field of it that is empty keeps it from being sent. */
  children?: ComponentChildren;
}

/** What an act needs besides the press: a reason code and a sentence, both required, or only a text. */
export function ActForm(props: FormProps): JSX.Element {
  const { words, reasonCodes, confirmWord, blocked, busy, passkey = false, onSubmit, onCancel } = props;
  const [reasonCode, setReasonCode] = useKept<string | null>('reason', null);
  const [text, setText] = useKept('text', '');
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLDivElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const first = (what: string): HTMLElement | null => form.current?.querySelector<HTMLElement>(what) ?? null;
    // By touch not into a field: that would call the keyboard over the slide.
    const slide = matchMedia('(pointer: coarse)').matches ? first('.slide') : null;
    focusOn(slide ?? first('select, input, textarea, button'));
  }, []);

  const lacksCode = reasonCodes !== null && reasonCode === null;
  const lacksText = words.text !== null && text.trim() === '';
  const submit = (): void => {
    setTried(true);
    const empty = form.current?.querySelector<HTMLElement>('input:required:invalid');
    if (lacksCode || lacksText || empty) {
      const field = lacksCode
        ? `input[name="${id}-reason"]`
        : lacksText
          ? `textarea[required]`
          : 'input:required:invalid';
      form.current?.querySelector<HTMLElement>(field)?.focus();
      return;
    }
    onSubmit({ reasonCode, text: words.text === null ? null : text.trim(), confirmWord });
  };
  return (
    <div class="act-form" ref={form} onKeyDown={(event) => event.key === 'Escape' && onCancel()}>
      <h3>{words.title}</h3>
      {props.lead}
      {reasonCodes !== null && (
        <fieldset class="choices" aria-describedby={tried && lacksCode ? `${id}-code` : undefined}>
          <legend>Reason</legend>
          {reasonCodes.map(({ code, label }) => (
            <label key={code} class="choice">
              <input
                type="radio"
                name={`${id}-reason`}
                value={code}
                checked={reasonCode === code}
                onChange={() => setReasonCode(code)}
              />
              <Seen text={label} />
            </label>
          ))}
          {tried && lacksCode && (
            <p id={`${id}-code`} class="field__wrong">
              Choose a reason.
            </p>
          )}
        </fieldset>
      )}
      {words.text !== null && (
        <div class="field">
          <label class="field__label" for={`${id}-text`}>
            {words.text}
          </label>
          <textarea
            id={`${id}-text`}
            class="input"
            rows={3}
            maxLength={8000}
            required
            value={text}
            aria-invalid={tried && lacksText}
            aria-describedby={tried && lacksText ? `${id}-lacks` : undefined}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
          {tried && lacksText && (
            <p id={`${id}-lacks`} class="field__wrong">
              Write a sentence; others will read it.
            </p>
          )}
        </div>
      )}
      {props.children}
      {blocked !== null && <p class="blocked">{blocked}</p>}
      <div class="act-form__buttons">
        {confirmWord !== null && !lacksCode && !lacksText ? (
          <SlideToConfirm
            label={words.submit}
            word={confirmWord}
            disabled={busy || blocked !== null}
            onConfirm={submit}
          />
        ) : (
          <GuardedButton look="main" disabled={busy || blocked !== null} onPress={submit}>
            {busy ? 'Sending…' : passkey ? `${words.submit} with your passkey` : words.submit}
          </GuardedButton>
        )}
        <Button onPress={onCancel} disabled={busy}>
          {words.cancel}
        </Button>
      </div>
    </div>
  );
}

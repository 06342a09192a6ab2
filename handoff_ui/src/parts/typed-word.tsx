import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { useRest } from './rest';

interface TypedWordProps {
  /** The word that is shown, to be read and typed. */
  word: string;
  /** What stands before it, such as "Or type". */
  lead: string;
  /** The id of the sentence, for a button that it explains too. */
  id?: string;
  disabled: boolean;
  onConfirm: () => void;
}

/**
 * A deliberate confirm for whoever cannot hold a button or slide a handle (security rows L2, L3): a word that is read,
 * typed and sent with Enter. A program that fills every field does not fill in the word that this page shows.
 */
export function TypedWord({ word, lead, id, disabled, onConfirm }: TypedWordProps): JSX.Element {
  const [typed, setTyped] = useState('');
  const [wrong, setWrong] = useState(false);
  const { atRest, early } = useRest(disabled);
  const ownId = useId();
  const hintId = id ?? ownId;
  const confirm = (event: SubmitEvent): void => {
    event.preventDefault();
    const matches = typed.trim().toLowerCase() === word.toLowerCase();
    setWrong(!matches && typed.trim() !== '');
    if (matches && !disabled && event.isTrusted && atRest()) onConfirm();
  };
  return (
    <>
      {/* In place of the other words, not below them: what is pressed next must not move. */}
      <p class="typed-word" id={hintId} role="status">
        {wrong ? 'That is another word. Type' : early ? 'The page had just changed. Once more: type' : lead}{' '}
        <b class="typed-word__word">{word}</b> and press Enter:
      </p>
      <form onSubmit={confirm}>
        <input
          class="input"
          aria-label={`Type ${word} to confirm`}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={typed}
          aria-invalid={wrong}
          aria-describedby={hintId}
          onInput={({ currentTarget }) => {
            setTyped(currentTarget.value);
            setWrong(false);
          }}
        />
      </form>
    </>
  );
}

import type { JSX } from 'preact';
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useRest } from './rest';
import { TypedWord } from './typed-word';

export const HOLD_MS = 1200;

interface HoldProps {
  label: string;
  /** The word that can be typed instead, by whoever cannot hold a button. */
  word: string;
  disabled?: boolean;
  onConfirm: () => void;
}

/**
 * A deliberate confirm for somebody who is signed in already: held for 1.2 s with a real pointer or key, or a word that
 * is read and typed. Where a link alone gives the right to act, it is SlideToConfirm.
 */
export function HoldButton({ label, word, disabled = false, onConfirm }: HoldProps): JSX.Element {
  const [holding, setHolding] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const hintId = useId();
  const { atRest, note } = useRest(disabled);

  const release = (): void => {
    clearTimeout(timer.current);
    setHolding(false);
  };
  const hold = (event: Event): void => {
    if (!event.isTrusted || disabled || holding || !atRest()) return;
    setHolding(true);
    timer.current = setTimeout(() => {
      setHolding(false);
      onConfirm();
    }, HOLD_MS);
  };
  // With the button, not after the next paint: a hold that ends between the two would confirm what is gone.
  useLayoutEffect(() => () => clearTimeout(timer.current), []);

  return (
    <div class="hold">
      <button
        type="button"
        class="button button--main hold__button"
        data-holding={holding}
        data-guarded=""
        data-off={disabled}
        aria-disabled={disabled}
        aria-describedby={hintId}
        onPointerDown={(event) => event.button === 0 && hold(event)}
        onPointerUp={release}
        onPointerLeave={release}
        onPointerCancel={release}
        onContextMenu={(event) => event.preventDefault()}
        onKeyDown={(event) => (event.key === ' ' || event.key === 'Enter') && !event.repeat && hold(event)}
        onKeyUp={release}
        onBlur={release}
      >
        <span class="hold__fill" aria-hidden="true" />
        <span class="hold__label">{holding ? 'Keep holding…' : `Hold: ${label}`}</span>
      </button>
      {note}
      <TypedWord word={word} lead="Hold for a moment. Or type" id={hintId} disabled={disabled} onConfirm={onConfirm} />
    </div>
  );
}

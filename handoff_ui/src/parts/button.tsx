import type { ComponentChildren, JSX } from 'preact';
import { useArmed } from '../hooks/armed';
import { useRest } from './rest';

interface ButtonProps {
  children: ComponentChildren;
  onPress: () => void;
  look?: 'main' | 'strong' | 'quiet' | 'plain';
  shortcut?: string;
  disabled?: boolean;
  describedBy?: string;
  name?: string;
}

/** A button for what can be undone or costs nothing. */
export function Button({ children, onPress, look = 'plain', shortcut, disabled, name }: ButtonProps): JSX.Element {
  return (
    <button type="button" class={`button button--${look}`} disabled={disabled} onClick={onPress} name={name}>
      {children}
      <Key of={shortcut} />
    </button>
  );
}

/** A button that decides or acts: it rests while the page settles (row L10), and says so when pressed too early. */
export function GuardedButton(props: ButtonProps): JSX.Element {
  const { children, onPress, look = 'plain', shortcut, disabled = false, describedBy, name } = props;
  const armed = useArmed();
  const { atRest, note } = useRest(disabled);
  return (
    <>
      <button
        type="button"
        class={`button button--${look}`}
        aria-disabled={disabled || !armed}
        data-resting={!armed}
        data-off={disabled}
        data-guarded=""
        aria-describedby={describedBy}
        onClick={() => !disabled && atRest() && onPress()}
        name={name}
      >
        {children}
        <Key of={shortcut} />
      </button>
      {note}
    </>
  );
}

function Key({ of }: { of: string | undefined }): JSX.Element | null {
  return of === undefined ? null : (
    <kbd class="key" aria-hidden="true">
      {of}
    </kbd>
  );
}

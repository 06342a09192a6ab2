import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useFocusBack } from '../../hooks/use-focus-back';
import { Button, GuardedButton } from '../../parts/button';

interface SureProps {
  /** "Remove", and what exactly, for those who hear only the button. */
  label: string;
  of: string;
  /** What it takes away. */
  ask: string;
  onSure: () => Promise<unknown>;
}

/** Taking something away that does not come back: asked again in its own place, under a button that rests first. */
export function Sure({ label, of, ask, onSure }: SureProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const box = useFocusBack<HTMLDivElement>(open);
  const go = async (): Promise<void> => {
    setBusy(true);
    await onSure();
    setBusy(false);
    setOpen(false);
  };
  return (
    <div class="sure" ref={box} data-open={open}>
      {open ? (
        <>
          <p role="status">{ask}</p>
          <GuardedButton look="strong" disabled={busy} onPress={() => void go()}>
            {label}
          </GuardedButton>
          <Button look="quiet" onPress={() => setOpen(false)}>
            Keep
          </Button>
        </>
      ) : (
        <Button onPress={() => setOpen(true)}>
          {label}
          <span class="unseen"> {of}</span>
        </Button>
      )}
    </div>
  );
}

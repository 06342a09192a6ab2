import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../../context';
import { Alarm } from '../../parts/alarm';
import { Button } from '../../parts/button';
import { addPasskey, passkeysWork } from '../../trust/passkey';
import { NO_ANSWER } from './use-list';
import { deviceWords } from './words';

/** Adds a passkey under a name that the person can change first. */
export function AddPasskey({ onAdded }: { onAdded: () => void }): JSX.Element {
  const { client } = useApp();
  const [name, setName] = useState(() => deviceWords(navigator.userAgent));
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<string | null>(null);
  const add = async (): Promise<void> => {
    setBusy(true);
    setFault(null);
    const answer = await addPasskey(client, name.trim());
    setBusy(false);
    if (answer.kind === 'ok') onAdded();
    else setFault(answer.kind === 'problem' ? answer.problem.detail : NO_ANSWER);
  };
  if (!passkeysWork()) return <p class="account__about">This browser knows no passkeys.</p>;
  return (
    <form
      class="account__form"
      onSubmit={(event) => {
        event.preventDefault();
        void add();
      }}
    >
      {fault !== null && <Alarm title="No passkey was added.">{fault}</Alarm>}
      <label class="field">
        <span class="field__label">Name of the new passkey</span>
        <input
          class="input"
          autocomplete="off"
          maxLength={60}
          value={name}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
      </label>
      <Button look="strong" disabled={busy || name.trim() === ''} onPress={() => void add()}>
        Add a passkey
      </Button>
    </form>
  );
}

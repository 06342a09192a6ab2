import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { useApp } from '../../../context';
import { Button, GuardedButton } from '../../../parts/button';

interface DisclosureProps {
  handoffId: string;
  /** Takes the token of the whole package; it is checked like any other before anything of it is shown. */
  onToken: (token: string) => Promise<void>;
}

/** For who may look behind what is hidden: asks for a reason, and says that both are recorded. */
export function Disclosure({ handoffId, onToken }: DisclosureProps): JSX.Element {
  const { client } = useApp();
  const id = useId();
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState('');
  const [fault, setFault] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async (): Promise<void> => {
    if (reason.trim() === '') {
      setFault('Write why you need to see it.');
      return;
    }
    // Each look is recorded: a second press while the first is on its way would be another.
    setBusy(true);
    const body = { reason: reason.trim() };
    const answer = await client.send<{ package_token: string }>(`/v1/handoffs/${handoffId}/disclosures`, {
      method: 'POST',
      headers: { 'Idempotency-Key': crypto.randomUUID() },
      body,
    });
    if (answer.kind === 'ok') await onToken(answer.data.package_token);
    else setFault(answer.kind === 'problem' ? answer.problem.detail : 'Handoff does not answer right now. Try again.');
    setBusy(false);
  };
  if (!open) return <Button onPress={() => setOpen(true)}>Show everything…</Button>;
  return (
    <div class="field">
      <label class="field__label" for={id}>
        Why do you need to see it? Your name, the time and this reason are recorded.
      </label>
      <textarea
        id={id}
        class="input"
        rows={2}
        maxLength={2000}
        value={reason}
        onInput={({ currentTarget }) => setReason(currentTarget.value)}
      />
      {fault !== null && (
        <p class="field__wrong" role="alert">
          {fault}
        </p>
      )}
      <p class="withheld__buttons">
        <GuardedButton disabled={busy} onPress={() => void send()}>
          Show everything
        </GuardedButton>{' '}
        <Button look="quiet" onPress={() => setOpen(false)}>
          Leave it hidden
        </Button>
      </p>
    </div>
  );
}

import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Session } from '../api/types';
import { useApp } from '../context';
import { Alarm } from '../parts/alarm';
import { HoldButton } from '../parts/hold-button';
import { inboxAddress } from '../route';
import { Message } from './message';

/**
 * Signs this browser in with a one-time link. It asks for a deliberate confirm: a scanner that opens the link and clicks
 * everything must neither burn it nor be signed in (rows L2, L3).
 */
export function Enrol({ token }: { token: string | null }): JSX.Element {
  const { client, renewSession } = useApp();
  const [step, setStep] = useState<'asking' | 'sending' | 'refused' | 'unreachable'>('asking');
  const [name, setName] = useState<string | null>(null);
  const secret = useRef(token);

  const enrol = async (): Promise<void> => {
    setStep('sending');
    const answer = await client.send<{ reviewer: Session['reviewer'] }>('/v1/enrolments', {
      method: 'POST',
      body: { token: secret.current },
    });
    if (answer.kind === 'ok') {
      setName(answer.data.reviewer.name);
      await renewSession();
    } else setStep(answer.kind === 'problem' ? 'refused' : 'unreachable');
  };
  useEffect(() => {
    if (name !== null) secret.current = null;
  }, [name]);

  if (name !== null) {
    return (
      <Message title={`Welcome, ${name}.`}>
        <p>This browser is signed in now. The link has done its work and cannot be used again.</p>
        <p>
          <a class="button button--main" href={inboxAddress()}>
            To the inbox
          </a>
        </p>
      </Message>
    );
  }
  if (secret.current === null || step === 'refused') {
    return (
      <Message title="This enrolment link does not work any more.">
        <p>It was used already, is too old, or was not copied whole. Ask whoever runs Handoff for a new one.</p>
      </Message>
    );
  }
  return (
    <Message title="Sign this browser in to Handoff?">
      <p>Do so only on a device of your own. Whoever uses this browser can then decide in your name.</p>
      {step === 'unreachable' && (
        <Alarm title="Handoff does not answer.">Your link is still good. Try again in a moment.</Alarm>
      )}
      <HoldButton
        label="Sign this browser in"
        word="mine"
        disabled={step === 'sending'}
        onConfirm={() => void enrol()}
      />
    </Message>
  );
}

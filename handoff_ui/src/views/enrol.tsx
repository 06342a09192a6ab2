import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Session } from '../api/types';
import { useApp } from '../context';
import { Alarm } from '../parts/alarm';
import { SlideToConfirm } from '../parts/slide-to-confirm';
import { inboxAddress } from '../route';
import '../styles/account.css';
import { AddPasskey } from './account/add-passkey';
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

  if (name !== null) return <Welcome name={name} />;
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
      <SlideToConfirm
        label="Sign this browser in"
        word="mine"
        disabled={step === 'sending'}
        onConfirm={() => void enrol()}
      />
    </Message>
  );
}

/** Offers a passkey, for the next browser and for decisions that ask for one; going on without it is as easy. */
function Welcome({ name }: { name: string }): JSX.Element {
  const { config } = useApp();
  const [added, setAdded] = useState(false);
  return (
    <Message title={`Welcome, ${name}.`}>
      <p>This browser is signed in now. The link has done its work and cannot be used again.</p>
      <p>
        {/* Where another page is the one for every day, the session there begins with this one. */}
        <a class="button button--main" href={`${config.pageUrl ?? ''}${config.pageUrl ? '/' : ''}${inboxAddress()}`}>
          To the inbox
        </a>
      </p>
      {added ? (
        <p role="status">The passkey was added. Next time, sign in with it.</p>
      ) : (
        <div class="welcome">
          <h2>Sign in with a passkey next time?</h2>
          <p>
            Your fingerprint, face or security key then signs you in without a new link, and confirms the decisions that
            ask for it. You can add one later, too, under your name at the top.
          </p>
          <AddPasskey onAdded={() => setAdded(true)} />
        </div>
      )}
    </Message>
  );
}

import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { readsCases } from '../api/person';
import type { Session } from '../api/types';
import { useApp } from '../context';
import { Alarm } from '../parts/alarm';
import { Seen } from '../parts/quote';
import { SlideToConfirm } from '../parts/slide-to-confirm';
import { ACCOUNT, inboxAddress } from '../route';
import '../styles/account.css';
import { AddPasskey } from './account/add-passkey';
import { Message } from './message';
import { OtherName, otherName } from './other-name';

/** Refusals that say nothing of the link: what is told of each, and what to do. */
const FOR_NOW: Record<string, { title: string; way: string }> = {
  too_many_requests: { title: 'Too many tries just now.', way: 'Try again in a minute.' },
  origin_refused: {
    title: 'Handoff does not take this from here.',
    way: 'Open the link exactly as you got it; if that fails too, ask whoever runs Handoff for its address.',
  },
};
const NO_ANSWER = { title: 'Handoff does not answer.', way: 'Try again in a moment.' };
const NOT_NOW = { title: 'Handoff cannot sign this browser in right now.', way: 'Try again in a moment.' };

/**
 * Signs this browser in with a one-time link. It asks for a deliberate confirm: a scanner that opens the link and clicks
 * everything must neither burn it nor be signed in (rows L2, L3).
 */
export function Enrol({ token }: { token: string | null }): JSX.Element {
  const { client, config, session, renewSession } = useApp();
  const [step, setStep] = useState<'asking' | 'sending' | 'dead'>('asking');
  const [trouble, setTrouble] = useState<{ title: string; way: string } | null>(null);
  const [name, setName] = useState<string | null>(null);
  const secret = useRef(token);

  const enrol = async (): Promise<void> => {
    setStep('sending');
    setTrouble(null);
    const answer = await client.send<{ reviewer: Session['reviewer'] }>('/v1/enrolments', {
      method: 'POST',
      body: { token: secret.current },
    });
    if (answer.kind === 'ok') {
      setName(answer.data.reviewer.name);
      await renewSession();
      return;
    }
    // Only this answer is about the link; whoever reads another one as that asks for a new link in vain.
    const code = answer.kind === 'problem' ? answer.problem.code : null;
    setStep(code === 'enrolment_refused' ? 'dead' : 'asking');
    setTrouble(code === null ? NO_ANSWER : (FOR_NOW[code] ?? NOT_NOW));
  };
  useLayoutEffect(() => {
    if (name !== null) secret.current = null;
  }, [name]);

  if (name !== null) return <Welcome name={name} />;
  const elsewhere = otherName(config);
  if (elsewhere !== null) {
    return <OtherName address={elsewhere} fragment={secret.current === null ? '#/' : `#/enrol/${secret.current}`} />;
  }
  if (secret.current === null) {
    return (
      <Message title="Open your enrolment link again, as you got it.">
        <p>
          It was taken out of the address as the page opened, so that nobody reads it there later, or was not copied
          whole. As long as you have not used it, it is still good.
        </p>
        {session !== null && (
          <p>
            This browser is signed in as <Seen text={session.reviewer.name} /> already.{' '}
            <a href={inboxAddress()}>To the inbox</a>
          </p>
        )}
      </Message>
    );
  }
  if (step === 'dead') {
    return (
      <Message title="This enrolment link does not work any more.">
        <p>It was used already, is too old, or was not copied whole. Ask whoever runs Handoff for a new one.</p>
      </Message>
    );
  }
  return (
    <Message title="Sign this browser in to Handoff?">
      <p>Do so only on a device of your own. Whoever uses this browser can then decide in your name.</p>
      {session !== null && (
        <p>
          You are <Seen text={session.reviewer.name} /> here. If this link is somebody else’s, it signs you out and them
          in.
        </p>
      )}
      {trouble !== null && <Alarm title={trouble.title}>Your link is still good. {trouble.way}</Alarm>}
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
  const { config, session } = useApp();
  const reads = session === null || readsCases(session.reviewer.roles);
  const there = reads ? inboxAddress() : ACCOUNT;
  const [added, setAdded] = useState(false);
  return (
    <Message title={`Welcome, ${name}.`}>
      <p>This browser is signed in now. The link has done its work and cannot be used again.</p>
      <p>
        {/* Where another page is the one for every day, the session there begins with this one. */}
        <a class="button button--main" href={`${config.pageUrl ?? ''}${config.pageUrl ? '/' : ''}${there}`}>
          {reads ? 'To the inbox' : 'To your account'}
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

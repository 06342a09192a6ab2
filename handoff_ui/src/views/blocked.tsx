import type { JSX } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { useApp } from '../context';
import { Loading } from '../parts/later';
import { ACCOUNT, inboxAddress } from '../route';
import type { Blocked } from '../trust/fetch-package';
import { Message } from './message';
import { SignInWays } from './sign-in/later-ways';

/** Why there is nothing to see, and what to do about it. */
export function BlockedView({ why }: { why: Blocked }): JSX.Element {
  switch (why.why) {
    case 'signed_out':
      return <SignedOut />;
    case 'no_access':
      return (
        <Message title="This case is not yours to see.">
          <p>{why.detail ?? 'You are signed in, but not as somebody who works on it.'}</p>
          <p>Ask whoever sent you here to have your access changed.</p>
          <ToInbox />
        </Message>
      );
    case 'not_found':
      return (
        <Message title="There is nothing here.">
          <p>No case stands at this address, or it is not one of yours. Look whether the whole address was copied.</p>
          <ToInbox />
        </Message>
      );
    case 'offline':
      return (
        <Message title="You are offline.">
          <p>The case is shown as soon as the connection is back.</p>
        </Message>
      );
    case 'lost':
      return (
        <Message title="Handoff does not answer.">
          <p>
            Nothing is lost: cases wait until somebody decides or their time is over. This page asks again by itself.
          </p>
        </Message>
      );
    case 'too_new':
      return (
        <Message title="This page is older than the case.">
          <p>Handoff was updated. Load the page again to see this case.</p>
        </Message>
      );
    case 'unverified':
      return (
        <Message title="This case failed its check, so nothing of it is shown." tone="alarm">
          <p>
            Its signature does not fit: it may have been changed on its way. Do not decide it. Tell whoever runs
            Handoff, and name this: <code>{why.code}</code>
          </p>
          <ToInbox />
        </Message>
      );
  }
}

/** Asks again who is there: where it is nobody, the app shows the sign-in in place of all this, and then comes back. */
function SignedOut(): JSX.Element {
  const { renewSession } = useApp();
  useLayoutEffect(() => void renewSession(), [renewSession]);
  return <Loading />;
}

/** What somebody with a personal link may not see. */
export function LinkOnly(): JSX.Element {
  return (
    <Message title="Your personal link opens its own case only.">
      <p>To see everything that waits, sign in on this browser.</p>
      <SignInWays />
    </Message>
  );
}

/** For whoever runs the system and reads no case: a way to the inbox would lead back here. */
export function NoCases(): JSX.Element {
  return (
    <Message title="You run the system; you see no cases.">
      <p>
        What people decide here is not part of your role. Who may read events, refused attempts and deliveries is told
        on your account page, where you also make the token for it.
      </p>
      <p>
        <a href={ACCOUNT}>To your account</a>
      </p>
    </Message>
  );
}

function ToInbox(): JSX.Element {
  return (
    <p>
      <a href={inboxAddress()}>To the inbox</a>
    </p>
  );
}

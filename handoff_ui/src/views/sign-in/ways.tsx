import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useApp } from '../../context';
import { keepDrafts } from '../../hooks/use-kept';
import { Alarm } from '../../parts/alarm';
import { Button } from '../../parts/button';
import '../../styles/sign-in.css';
import { goThere } from '../../trust/elsewhere';
import { passkeysWork, signInWithPasskey } from '../../trust/passkey';
import { refusalWords } from './words';

/** The ways to sign in, as buttons. Whoever is signed in then sees what the address asked for. */
export function SignInWays({ refused = null }: { refused?: string | null }): JSX.Element {
  const { client, config, session, renewSession } = useApp();
  const [fault, setFault] = useState<string | null>(refused === null ? null : refusalWords(refused));
  const [busy, setBusy] = useState(false);

  const tryWay = async (way: () => ReturnType<typeof client.send>): Promise<void> => {
    setBusy(true);
    setFault(null);
    const answer = await way();
    if (answer.kind === 'problem') setFault(answer.problem.detail);
    else if (answer.kind === 'unreachable') setFault('Handoff does not answer. Try again in a moment.');
    else await renewSession();
    setBusy(false);
  };

  if (client.isElsewhere) {
    return (
      <div class="ways">
        <p>Signing in happens at {config.base.host}; then you come back here.</p>
        <Button
          look="main"
          onPress={() => {
            keepDrafts();
            void goThere(config);
          }}
        >
          Sign in
        </Button>
      </div>
    );
  }
  const { oidc, proxy } = config.signIn;
  return (
    <div class="ways">
      {fault !== null && <Alarm title="You are not signed in.">{fault}</Alarm>}
      {proxy && (
        <Button
          look="main"
          disabled={busy}
          onPress={() => void tryWay(() => client.send('/v1/sign-ins/proxy', { method: 'POST', body: {} }))}
        >
          Sign in as your organisation knows you
        </Button>
      )}
      {oidc !== null && (
        <a class="button button--main" href={singleSignOn(config.base)} onClick={keepDrafts}>
          Sign in with {oidc}
        </a>
      )}
      {passkeysWork() && (
        <Button
          look={proxy || oidc !== null ? 'strong' : 'main'}
          disabled={busy}
          onPress={() => void tryWay(() => signInWithPasskey(client))}
        >
          Sign in with a passkey
        </Button>
      )}
      <p class="ways__else">
        {oidc === null && !proxy
          ? 'Here for the first time, or without a passkey? Ask whoever runs Handoff for an enrolment link: it signs this browser in.'
          : 'None of these works for you? Ask whoever runs Handoff for an enrolment link.'}
        {session === null && ' A personal link in a message opens its own case without signing in.'}
      </p>
    </div>
  );
}

/** A page of its own, not a request: the organisation's sign-in comes back to the fragment that is open now. */
function singleSignOn(base: URL): string {
  const address = new URL('v1/sign-ins/oidc', base);
  address.searchParams.set('back', window.location.hash.replace(/^#\/sign-in.*|^#/, '') || '/');
  return address.href;
}

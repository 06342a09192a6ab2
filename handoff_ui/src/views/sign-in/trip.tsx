import type { JSX } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { useApp } from '../../context';
import { Button } from '../../parts/button';
import { Loading } from '../../parts/later';
import { backAddress } from '../../trust/elsewhere';
import { Message } from '../message';
import { SignInView } from './sign-in';

type Refused = { why: 'no_page' | 'refused' | 'unreachable'; detail?: string };

/**
 * The companion's own page, where one signs in for the page that is served elsewhere. It sends a code to that page's
 * address, which the companion knows; the address that came here names none.
 */
export function TripView({ query }: { query: string }): JSX.Element {
  const { client, session } = useApp();
  const [refused, setRefused] = useState<Refused | null>(null);
  const [tries, setTries] = useState(0);
  const isSignedIn = session !== null && session.assurance !== 'link';
  const challenge = new URLSearchParams(query).get('challenge');
  useLayoutEffect(() => {
    if (!isSignedIn) return;
    const body = { challenge };
    void client
      .send<{ code: string; return_to: string }>('/v1/sign-in-codes', { method: 'POST', body })
      .then((answer) => {
        if (answer.kind === 'ok') window.location.replace(backAddress(answer.data.return_to, answer.data.code));
        else if (answer.kind === 'problem') setRefused({ why: 'refused', detail: answer.problem.detail });
        else setRefused({ why: 'unreachable' });
      });
  }, [client, isSignedIn, challenge, tries]);
  if (!isSignedIn) return <SignInView ended={false} error={null} />;
  if (refused === null) return <Loading />;
  return (
    <Message title="You are signed in here, but not on the page that you came from.">
      <p>{refused.detail ?? 'Handoff does not answer.'} You can work on this page instead, or try again.</p>
      <p>
        <Button
          look="main"
          onPress={() => {
            setRefused(null);
            setTries((before) => before + 1);
          }}
        >
          Try again
        </Button>
      </p>
    </Message>
  );
}

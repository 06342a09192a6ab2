import type { JSX } from 'preact';
import type { Live } from '../../api/types';
import { Notice } from '../../parts/alarm';
import { Button, GuardedButton } from '../../parts/button';
import { decides } from './acts';
import { DONE_WORDS } from './form-words';
import { Next } from './next';
import type { Acting } from './use-act';

/** What became of the last press, while the case is open. */
export function Progress({ live, acting }: { live: Live; acting: Acting }): JSX.Element | null {
  const { sending, send, dismiss } = acting;
  switch (sending.step) {
    case 'checking':
      return (
        <Notice title="The connection broke while sending.">
          It is not known yet whether it arrived. Handoff is asked until it answers; do not send it again elsewhere.
        </Notice>
      );
    case 'lost':
      return (
        <Notice title="It did not arrive.">
          The connection broke on the way, and nothing was recorded. What you wrote is kept.{' '}
          <GuardedButton look="strong" onPress={() => send(sending.act)}>
            Send it again
          </GuardedButton>{' '}
          <Button onPress={dismiss}>Not now</Button>
        </Notice>
      );
    case 'refused':
      return (
        <Notice title="That was not possible.">
          {sending.message}
          {sending.code === 'passkey_missing' && <a href="#/account/passkeys"> Add a passkey</a>}
        </Notice>
      );
    case 'done': {
      if (decides(sending.kind)) {
        // Still open after a decision: it was the first of two approvals.
        return (
          <>
            <Notice title="Your approval is recorded.">It counts once a second, different person agrees.</Notice>
            <Next live={live} focus />
          </>
        );
      }
      const words = DONE_WORDS[sending.kind];
      return words !== undefined ? <Notice title={words} /> : null;
    }
    default:
      return null;
  }
}

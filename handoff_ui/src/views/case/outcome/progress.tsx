import type { JSX } from 'preact';
import type { Live } from '../../../api/types';
import { useApp } from '../../../context';
import { Notice } from '../../../parts/alarm';
import { Button, GuardedButton } from '../../../parts/button';
import { endsPart } from '../acts/acts';
import type { Acting } from '../acts/use-act';
import { doneWords } from './done-words';
import { Next } from './next';

/** What became of the last press, while the case is open. */
export function Progress({ live, acting }: { live: Live; acting: Acting }): JSX.Element | null {
  const { sending, send, dismiss } = acting;
  const me = useApp().session?.reviewer.id ?? null;
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
      const words = doneWords(sending.kind, live, me);
      return words === null ? null : (
        <>
          <Notice title={words.title}>{words.text}</Notice>
          {endsPart(sending.kind) && <Next live={live} focus />}
        </>
      );
    }
    default:
      return null;
  }
}

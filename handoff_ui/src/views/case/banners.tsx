import type { JSX } from 'preact';
import { useCallback, useLayoutEffect, useRef } from 'preact/hooks';
import type { Person } from '../../api/person';
import type { Live } from '../../api/types';
import { count, spelled } from '../../content/reading';
import { useApp } from '../../context';
import { Button } from '../../parts/button';
import { At } from '../../parts/deadline';
import { Notice } from '../../parts/alarm';
import { Quote } from '../../parts/quote';
import type { useDraftsOf } from '../../hooks/use-kept';
import { isOpen } from '../../words/standing';
import { heldBatch } from '../running-batch';
import { SignInWays } from '../sign-in/later-ways';
import type { Acting } from './acts/use-act';
import type { Case, Ready } from './live/use-case';

/** What a person must know before reading on: each says what happened, what was kept, and what to do. */
export function Banners({
  ready,
  opened,
  acting,
  me,
  back,
}: {
  ready: Ready;
  opened: Case;
  acting: Acting;
  me: string | null;
  /** What was typed before a sign-in, or before the case was left, is there again. */
  back: ReturnType<typeof useDraftsOf>;
}): JSX.Element {
  const { live } = ready;
  const { session } = useApp();
  const signedIn = useRef(session);
  const { check, adopt } = opened;
  /** Goes on with what is on the screen: an edit that was begun stays. */
  const goOn = useCallback(async (): Promise<void> => {
    const now = await check();
    if (now !== null) void adopt(now);
  }, [check, adopt]);
  useLayoutEffect(() => {
    if (signedIn.current !== session) void goOn();
    signedIn.current = session;
  }, [session, goOn]);
  const urgent = ready.connection !== 'ok' || ready.session === 'ended' || (ready.stale && isOpen(live));
  return (
    <div class="banners" aria-live="polite" data-urgent={urgent}>
      {ready.connection === 'offline' && (
        <Notice title="You are offline.">
          What you see was checked and stays here; it may have changed meanwhile.
        </Notice>
      )}
      {ready.connection === 'lost' && acting.sending.step !== 'checking' && (
        <Notice title="Handoff does not answer right now.">
          What you see may have changed meanwhile. It is asked again by itself.
        </Notice>
      )}
      {ready.session === 'ended' && (
        <Notice title="Your session ended.">
          What you wrote is kept on this page.{' '}
          {session?.assurance === 'link'
            ? 'Open the newest message about this case, or sign in here.'
            : 'Sign in here, or in another tab, and go on.'}{' '}
          <Button onPress={() => void goOn()}>I am signed in again</Button>
          <SignInWays />
        </Notice>
      )}
      {ready.stale && isOpen(live) && (
        <Notice title="The content of this case changed while you were reading.">
          You still see the version you opened.{' '}
          <Button onPress={() => void opened.showNewest()}>Show the new version</Button>
        </Notice>
      )}
      {back !== null && isOpen(live) && (
        <Notice title={back === 'left' ? 'You were here before.' : 'You are signed in again.'}>
          What you had written is back, and not sent yet.
        </Notice>
      )}
      {isOpen(live) && <Standing live={live} me={me} />}
      {isOpen(live) && live.claim?.by.id === me && <InBatch id={live.id} />}
    </div>
  );
}

/** The way back to the cases that are being decided together, from one of them. */
function InBatch({ id }: { id: string }): JSX.Element | null {
  const batch = heldBatch();
  if (batch?.ids.includes(id) !== true) return null;
  return (
    <Notice title={`You took this with ${count(batch.ids.length - 1, 'similar case')}.`}>
      They are yours until <At at={batch.until} />. <a href={`#/batch/${batch.id}`}>Back to them</a>
    </Notice>
  );
}

/** Who else is on it, and what it waits for. */
function Standing({ live, me }: { live: Live; me: string | null }): JSX.Element | null {
  if (live.claim !== null && live.claim.by.id !== me) {
    return (
      <Notice title={`${live.claim.by.name ?? 'Somebody else'} is working on this.`}>
        It is theirs until <At at={live.claim.until} />. You can read it and leave a note.
      </Notice>
    );
  }
  const split = live.disagreements?.at(-1);
  if (split !== undefined && live.state !== 'awaiting_information') {
    return (
      <Notice title="Two reviewers disagreed about this.">
        {saidWords(split.first_by, split.first_action, me, 'You')},{' '}
        {saidWords(split.second_by, split.second_action, me, 'you')}. Whoever decides now settles it; neither of the two
        can.
      </Notice>
    );
  }
  if (live.state === 'awaiting_information') {
    return (
      <Notice title="This case waits for an answer.">
        {live.question_open ? <Quote text={live.question_open} /> : 'Somebody asked a question about it.'} It can be
        decided before the answer comes.
      </Notice>
    );
  }
  if (live.state === 'awaiting_second_review') {
    const first = live.first_approval?.by;
    const who = first?.id === me ? 'You' : (first?.name ?? 'One person');
    const what =
      live.second_review?.first_action === 'modify' ? 'approved an edited version first' : 'approved this first';
    return (
      <Notice title={`${who} ${what}.`}>
        A second, different person must agree before anything goes on.
        {first?.id !== me &&
          live.second_review?.blind_until_you_decide === true &&
          ' What they wrote is shown once the second answer stands, so that you judge for yourself.'}
      </Notice>
    );
  }
  return null;
}

function saidWords({ id, name }: Person, action: string, me: string | null, you: string): string {
  return `${id === me ? you : spelled(name ?? 'Somebody')} ${action === 'reject' ? 'rejected it' : 'approved it'}`;
}

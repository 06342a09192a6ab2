import type { JSX } from 'preact';
import { useLayoutEffect, useId, useState } from 'preact/hooks';
import type { ActionName, Live } from '../../../api/types';
import { spelled } from '../../../content/reading';
import { focusOn } from '../../../hooks/armed';
import { Button, GuardedButton } from '../../../parts/button';
import { batchAddress } from '../../../route';
import { SignInWays } from '../../sign-in/later-ways';
import { LOADING, whyUnshown } from '../controls/blocks';
import type { FormKind } from '../acts/form-words';
import type { Acting } from '../acts/use-act';
import type { Controls } from '../controls/use-controls';
import { Along } from './along';

const SHORTCUTS: Partial<Record<FormKind, string>> = {
  approve: 'a',
  reject: 'r',
  modify: 'e',
  ask: 'i',
  escalate: 'x',
  annotate: 'n',
};

interface ActionsProps {
  live: Live;
  approveLabel: string;
  /** Whether waiting costs something here. */
  urgent: boolean;
  controls: Controls;
  acting: Acting;
}

/** The buttons that answer, as the workflow's policy names them, and one that unfolds the other ways. */
export function Actions({ live, approveLabel, urgent, controls, acting }: ActionsProps): JSX.Element {
  const mayAnswer = live.state === 'awaiting_information' && live.assurance.have !== 'link';
  const [more, setMore] = useState(mayAnswer);
  // A question that is asked while the case is open would leave its answer folded away.
  useLayoutEffect(() => {
    if (mayAnswer) setMore(true);
  }, [mayAnswer]);
  const { offered, begin, busy, claim, claimed, whyNotBegin, checks } = controls;
  const off = (kind: FormKind): boolean => busy || whyNotBegin(kind) !== null;
  const folded = (kind: ActionName): boolean => offered(kind)?.primary === false && offered(kind)?.allowed === true;
  const sendsBack = checks.sendsBack && whyNotBegin('verify') === null;
  const sorts = live.stage === 'triage' && live.triage != null;
  const why = sendsBack || sorts ? null : whyNotOf(controls);
  const id = useId();
  const label = (kind: ActionName, words: string): string =>
    controls.needsPasskey(kind) ? `${spelled(words)} with your passkey` : spelled(words);
  return (
    <div class="actions">
      {why !== null && why !== LOADING && (
        <p class="blocked" id="why-not">
          {why}{' '}
          {(checks.unanswered > 0 || checks.sentFor) && checks.mine && (
            <button type="button" class="link" onClick={toFirstOpen}>
              Go to the checks
            </button>
          )}
        </p>
      )}
      {live.assurance.have === 'link' && !['none', 'link'].includes(live.assurance.need) && <SignInWays />}
      {sorts && (
        <p class="nothing actions__form">
          It waits for you to sort it.{' '}
          <button type="button" class="link" onClick={() => toFirst('.triage')}>
            Sort it
          </button>
        </p>
      )}
      {live.response_form && !sorts && (
        <p class="nothing actions__form">
          What was filled in goes along.{' '}
          <button type="button" class="link" onClick={() => toFirst('.response')}>
            Look at it
          </button>
        </p>
      )}
      <div class="actions__main">
        {sendsBack && (
          <GuardedButton name="verify" look="main" disabled={busy} onPress={() => begin('verify')}>
            Send back: a check failed
          </GuardedButton>
        )}
        {controls.record !== null && (
          <GuardedButton name="record" look="main" disabled={busy} onPress={controls.record}>
            Record the checks
          </GuardedButton>
        )}
        {live.actions
          .filter(({ action }) => offered(action)?.primary && offered(action)?.allowed)
          .filter(({ action }) => !(sendsBack && action === 'approve'))
          .map(({ action, label: words }) => (
            <GuardedButton
              key={action}
              name={action}
              look={action === 'approve' ? 'main' : 'strong'}
              shortcut={SHORTCUTS[action]}
              disabled={off(action)}
              describedBy={action !== 'approve' || why === null || why === LOADING ? undefined : 'why-not'}
              onPress={() => begin(action)}
            >
              {action !== 'approve' ? label(action, words) : why === LOADING ? LOADING : label(action, approveLabel)}
            </GuardedButton>
          ))}
      </div>
      {controls.extras.comment.trim() !== '' && !more && <p class="nothing">Your comment goes along.</p>}
      <button
        type="button"
        class="button button--quiet actions__more"
        aria-expanded={more}
        aria-controls={id}
        onClick={() => setMore(!more)}
      >
        <span>
          More<span class="actions__rest"> ways to answer</span>
        </span>
      </button>
      <div class="actions__other" id={id} hidden={!more}>
        {mayAnswer && <Other kind="answer" label="Answer the question" off={off} begin={begin} />}
        {folded('modify') && <Other kind="modify" label="Edit first" off={off} begin={begin} />}
        {folded('ask') && live.state !== 'awaiting_information' && (
          <Other kind="ask" label="Ask a question" off={off} begin={begin} />
        )}
        {folded('escalate') && <Other kind="escalate" label="Escalate" off={off} begin={begin} />}
        <Other kind="annotate" label="Leave a note" off={off} begin={begin} />
        {claim !== null && (
          <Button shortcut="c" onPress={claim}>
            {claimed ? 'Give it back' : 'Keep it for me'}
          </Button>
        )}
        <Along live={live} urgent={urgent} controls={controls} acting={acting} />
        {live.batches === true && (offered('approve')?.allowed ?? false) && (
          <a class="actions__batch" href={batchAddress(live.id)}>
            Decide similar ones together
          </a>
        )}
      </div>
    </div>
  );
}

/** Why the main answer is off; for somebody who only checks, why the checks are not recorded yet. */
function whyNotOf({ offered, whyNotBegin, record, checks, unshown, sentFor }: Controls): string | null {
  const approves = offered('approve')?.allowed === true;
  if (!approves && record !== null) return null;
  if (!approves && whyNotBegin('verify') === null) {
    if (sentFor !== null) return sentFor;
    return checks.unanswered > 0 ? `Answer each check first: ${checks.unanswered} open.` : whyUnshown(unshown);
  }
  return offered('approve') === undefined ? whyNotBegin('reject') : whyNotBegin('approve');
}

function toFirstOpen(): void {
  focusOn(document.querySelector<HTMLElement>('.check:is([data-result=open], [data-result=fail]) input:enabled'));
}

function toFirst(form: string): void {
  // What is only read there takes the focus itself.
  focusOn(document.querySelector<HTMLElement>(`${form} :is(select, input, textarea), ${form}[tabindex]`));
}

interface OtherProps {
  kind: FormKind;
  label: string;
  off: (kind: FormKind) => boolean;
  begin: (kind: FormKind) => void;
}

function Other({ kind, label, off, begin }: OtherProps): JSX.Element {
  return (
    <Button name={kind} shortcut={SHORTCUTS[kind]} disabled={off(kind)} onPress={() => begin(kind)}>
      {label}
    </Button>
  );
}

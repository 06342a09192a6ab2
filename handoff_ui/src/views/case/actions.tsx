import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { ActionName, Live } from '../../api/types';
import { Button, GuardedButton } from '../../parts/button';
import { LOADING } from './blocks';
import type { FormKind } from './form-words';
import type { Controls } from './use-controls';

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
  controls: Controls;
}

/** The buttons that answer, as the workflow's policy names them, and one that unfolds the other ways. */
export function Actions({ live, approveLabel, controls }: ActionsProps): JSX.Element {
  const mayAnswer = live.state === 'awaiting_information' && live.assurance.have !== 'link';
  const [more, setMore] = useState(mayAnswer);
  const { offered, begin, busy, claim, claimed, whyNotBegin } = controls;
  const why = offered('approve') === undefined ? whyNotBegin('reject') : whyNotBegin('approve');
  const off = (kind: FormKind): boolean => busy || whyNotBegin(kind) !== null;
  const folded = (kind: ActionName): boolean => offered(kind)?.primary === false;
  const id = useId();
  return (
    <div class="actions">
      {why !== null && why !== LOADING && (
        <p class="blocked" id="why-not">
          {why}
        </p>
      )}
      <div class="actions__main">
        {live.actions
          .filter(({ primary, allowed }) => primary && allowed)
          .map(({ action, label }) => (
            <GuardedButton
              key={action}
              name={action}
              look={action === 'approve' ? 'main' : 'strong'}
              shortcut={SHORTCUTS[action]}
              disabled={off(action)}
              describedBy={action !== 'approve' || why === null || why === LOADING ? undefined : 'why-not'}
              onPress={() => begin(action)}
            >
              {action !== 'approve' ? label : why === LOADING ? LOADING : approveLabel}
            </GuardedButton>
          ))}
      </div>
      <button
        type="button"
        class="button button--quiet actions__more"
        aria-expanded={more}
        aria-controls={id}
        onClick={() => setMore(!more)}
      >
        More ways to answer
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
      </div>
    </div>
  );
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

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Live } from '../../api/types';
import { Button, GuardedButton } from '../../parts/button';
import { LOADING } from './blocks';
import type { FormKind } from './form-words';
import type { Controls } from './use-controls';

interface ActionsProps {
  live: Live;
  approveLabel: string;
  controls: Controls;
}

/** The two buttons that decide, and the quieter ways on below them. */
export function Actions({ live, approveLabel, controls }: ActionsProps): JSX.Element {
  const [more, setMore] = useState(false);
  const { offered, begin, busy, claim, claimed, whyNotBegin } = controls;
  const why = offered('approve') === undefined ? whyNotBegin('reject') : whyNotBegin('approve');
  const off = (kind: FormKind): boolean => busy || whyNotBegin(kind) !== null;
  const mayAnswer = live.state === 'awaiting_information' && live.assurance.have !== 'link';
  return (
    <div class="actions">
      {why !== null && why !== LOADING && (
        <p class="blocked" id="why-not">
          {why}
        </p>
      )}
      <div class="actions__main">
        {offered('approve')?.allowed && (
          <GuardedButton
            name="approve"
            look="main"
            shortcut="a"
            disabled={off('approve')}
            describedBy={why === null || why === LOADING ? undefined : 'why-not'}
            onPress={() => begin('approve')}
          >
            {why === LOADING ? LOADING : approveLabel}
          </GuardedButton>
        )}
        {offered('reject')?.allowed && (
          <GuardedButton
            name="reject"
            look="strong"
            shortcut="r"
            disabled={off('reject')}
            onPress={() => begin('reject')}
          >
            Reject
          </GuardedButton>
        )}
        <button
          type="button"
          class="button button--plain actions__more"
          aria-expanded={more}
          onClick={() => setMore(!more)}
        >
          More
        </button>
      </div>
      <div class="actions__other" data-shown={more}>
        {offered('modify') && <Other kind="modify" label="Edit first" shortcut="e" off={off} begin={begin} />}
        {offered('ask') && live.state !== 'awaiting_information' && (
          <Other kind="ask" label="Ask a question" shortcut="i" off={off} begin={begin} />
        )}
        {mayAnswer && <Other kind="answer" label="Answer the question" off={off} begin={begin} />}
        {offered('escalate') && <Other kind="escalate" label="Escalate" shortcut="x" off={off} begin={begin} />}
        <Other kind="annotate" label="Leave a note" shortcut="n" off={off} begin={begin} />
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
  shortcut?: string;
  off: (kind: FormKind) => boolean;
  begin: (kind: FormKind) => void;
}

function Other({ kind, label, shortcut, off, begin }: OtherProps): JSX.Element {
  return (
    <Button name={kind} shortcut={shortcut} disabled={off(kind)} onPress={() => begin(kind)}>
      {label}
    </Button>
  );
}

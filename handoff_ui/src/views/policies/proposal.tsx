import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Policy, Proposal } from '../../api/policy-types';
import { useApp } from '../../context';
import { useFocusBack } from '../../hooks/use-focus-back';
import { Button, GuardedButton } from '../../parts/button';
import { At } from '../../parts/deadline';
import { Seen } from '../../parts/quote';
import { Differences } from './differences';
import { ReasonForm } from './reason-form';
import { policyPath } from './use-policy';
import { useSending } from './use-sending';
import { useSigner } from './use-signer';
import { signerWords } from './verdict';

interface ProposalProps {
  policy: Policy;
  proposal: Proposal;
  isTried: boolean;
  onTry: (on: boolean) => void;
  onSettled: (words: string) => void;
}

/** What waits for a sign-off: what differs, why it waits, and the two buttons of governance. */
export function ProposalPanel({ policy, proposal, isTried, onTry, onSettled }: ProposalProps): JSX.Element {
  const { session } = useApp();
  const [verdict, setVerdict] = useState<'approve' | 'reject' | null>(null);
  const sending = useSending();
  const signer = useSigner(proposal.proposed_by.id);
  const box = useFocusBack<HTMLElement>(verdict !== null);
  const begin = (chosen: 'approve' | 'reject'): void => {
    setVerdict(chosen);
    // Nobody signs off what they have not seen the effect of.
    onTry(true);
  };
  const mine = proposal.proposed_by.id === session?.reviewer.id;
  const settle = async (reason: string): Promise<void> => {
    const body = { proposal_id: proposal.id, verdict, reason };
    const done = await sending.send(policyPath(policy.workflow_id, 'approvals'), { method: 'POST', body });
    if (done === null) return;
    setVerdict(null);
    onSettled(
      verdict === 'approve'
        ? 'Signed off. The new version is active now.'
        : 'Refused. The rules stay as they are, and the proposal is kept in the history.',
    );
  };
  return (
    <section class="proposal" ref={box} aria-label="What waits for a sign-off">
      <h2>
        {mine ? 'You propose' : `${proposal.proposed_by.name ?? 'Somebody'} proposes`} other rules, since{' '}
        <At at={proposal.proposed_at} />
      </h2>
      {proposal.reason && (
        <p>
          “<Seen text={proposal.reason} />”
        </p>
      )}
      <Differences diff={proposal.diff} settings={policy.settings} />
      {proposal.reasons.length > 0 && (
        <p class="proposal__why">
          Waits for {signerWords(signer)}: <Seen text={proposal.reasons.join(' ')} />
        </p>
      )}
      {verdict === null ? (
        <div class="proposal__buttons">
          {policy.may_approve && !mine && (
            <>
              <GuardedButton look="main" onPress={() => begin('approve')}>
                Sign off…
              </GuardedButton>
              <GuardedButton look="strong" onPress={() => begin('reject')}>
                Refuse…
              </GuardedButton>
            </>
          )}
          <Button onPress={() => onTry(!isTried)}>
            {isTried ? 'Back to the saved rules' : 'See what it would do'}
          </Button>
          {mine && <p class="proposal__note">You proposed it, so somebody else signs it off.</p>}
          {!mine && !policy.may_approve && <p class="proposal__note">Governance signs it off or refuses it.</p>}
        </div>
      ) : (
        <ReasonForm
          title={verdict === 'approve' ? 'Sign off these rules' : 'Refuse these rules'}
          ask={verdict === 'approve' ? 'Why is this right?' : 'Why not?'}
          submit={verdict === 'approve' ? 'Sign off and make it active' : 'Refuse'}
          busy={sending.busy}
          trouble={sending.trouble}
          look={verdict === 'approve' ? 'main' : 'strong'}
          onSubmit={(reason) => void settle(reason)}
          onCancel={() => {
            sending.clear();
            setVerdict(null);
          }}
        />
      )}
    </section>
  );
}

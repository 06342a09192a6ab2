import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Batch } from '../../api/desk-types';
import { count } from '../../content/reading';
import { useFocusBack } from '../../hooks/use-focus-back';
import { useShortcuts } from '../../hooks/use-shortcuts';
import { Notice } from '../../parts/alarm';
import { Button, GuardedButton } from '../../parts/button';
import { inboxAddress } from '../../route';
import { useApp } from '../../context';
import type { Blocked } from '../../trust/fetch-package';
import { ActForm } from '../case/acts/act-form';
import { approveWords, formWords } from '../case/acts/form-words';
import { cameWith } from '../inbox/came-with';
import { noteBatch } from '../running-batch';
import type { Member } from './choices';
import type { Deciding, Verdict } from './use-deciding';

interface BarProps {
  batch: Batch;
  members: Member[];
  deciding: Deciding;
  answered: number;
  whyNot: string | null;
  trouble: Blocked['why'] | null;
  decide: (verdict: Verdict) => void;
}

/** At the bottom, always in sight: how many it is for, and one decision for all of them. */
export function Bar({ batch, members, deciding, answered, whyNot, trouble, decide }: BarProps): JSX.Element {
  const { client } = useApp();
  const [form, setForm] = useState<Verdict['action'] | null>(null);
  const box = useFocusBack<HTMLDivElement>(form !== null);
  const many = members.filter(({ included }) => included === true).length;
  const label = approveLabel(members);
  const begin = (action: Verdict['action']): void => {
    if (whyNot !== null) return;
    if (batch.needs_reason.includes(action)) setForm(action);
    else decide({ action, reasonCode: null, rationale: null });
  };
  const able = (action: Verdict['action']): (() => void) | undefined =>
    deciding.step === 'choosing' && form === null && batch.actions.includes(action)
      ? () => box.current?.querySelector<HTMLElement>(`button[name=${action}]`)?.click()
      : undefined;
  useShortcuts({ a: able('approve'), r: able('reject') });
  const giveBack = async (): Promise<void> => {
    await client.send(`/v1/batches/${batch.id}`, { method: 'DELETE', body: {} });
    noteBatch(null);
    window.location.hash = inboxAddress(cameWith());
  };
  if (deciding.step === 'sending') {
    return (
      <div class="batch__decide" ref={box}>
        <p role="status">
          {Math.min(answered, deciding.total)} of {deciding.total} recorded
        </p>
        <progress class="progress" max={deciding.total} value={answered} aria-label="Recorded" />
        {deciding.isBroken && (
          <Notice title="The connection broke.">
            It is sent again until there is an answer; nothing counts twice.
          </Notice>
        )}
      </div>
    );
  }
  return (
    <div class="batch__decide" ref={box}>
      {trouble !== null && trouble !== 'signed_out' && (
        <Notice title={trouble === 'offline' ? 'You are offline.' : 'Handoff does not answer right now.'}>
          What you see was checked and stays here; it may have changed meanwhile.
        </Notice>
      )}
      {form !== null ? (
        <ActForm
          key={form}
          words={{
            ...formWords(form, label, true),
            submit: `${form === 'approve' ? label : 'Reject'}: ${cases(many)}`,
          }}
          reasonCodes={batch.reason_codes}
          confirmWord={null}
          blocked={whyNot}
          busy={false}
          onSubmit={({ reasonCode, text }) => {
            setForm(null);
            decide({ action: form, reasonCode, rationale: text });
          }}
          onCancel={() => setForm(null)}
        />
      ) : (
        <>
          <p class="batch__why" id="batch-why" role="status">
            {whyNot ?? `${cases(many)} of ${batch.items.length} included. The others stay undecided.`}
          </p>
          <div class="batch__buttons">
            {batch.actions.map((action) => (
              <GuardedButton
                key={action}
                name={action}
                look={action === 'approve' ? 'main' : 'strong'}
                shortcut={action === 'approve' ? 'a' : 'r'}
                disabled={whyNot !== null}
                describedBy="batch-why"
                onPress={() => begin(action)}
              >
                {`${action === 'approve' ? label : 'Reject'}: ${cases(many)}`}
              </GuardedButton>
            ))}
            <Button look="quiet" onPress={() => void giveBack()}>
              Give all back
            </Button>
          </div>
        </>
      )}
    </div>
  );
}

function cases(many: number): string {
  return count(many, 'case');
}

/** The word of the workflow for its yes, where all of them have the same. */
function approveLabel(members: Member[]): string {
  const labels = new Set(
    members.flatMap(({ content }) =>
      content !== undefined && 'package' in content ? [content.package.metadata.approve_label] : [],
    ),
  );
  return labels.size === 1 ? approveWords([...labels][0] as string) : 'Approve';
}

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Policy, Report, Saved } from '../../api/policy-types';
import { useApp } from '../../context';
import { Button, GuardedButton } from '../../parts/button';
import { useFocusBack } from '../../hooks/use-focus-back';
import { useShortcuts } from '../../hooks/use-shortcuts';
import { count } from '../../content/reading';
import { asDifference, Differences } from './differences';
import { differing, documentOf, isChanged, type Draft } from './draft';
import { ReasonForm } from './reason-form';
import { policyPath } from './use-policy';
import { useSending } from './use-sending';
import type { Verdict } from './verdict';

interface SaveProps {
  policy: Policy;
  draft: Draft;
  verdict: Verdict;
  report: Report | null;
  /** Why it cannot be saved now. */
  blocked: string | null;
  onDiscard: () => void;
  onSaved: (saved: Saved) => void;
  /** Somebody else saved meanwhile: brings the newest policy. */
  onStale: () => Promise<Policy | null>;
}

/** At the foot of the page: how much is changed, what saving will do, and the way to it. */
export function SaveStrip(props: SaveProps): JSX.Element {
  const { policy, draft, verdict, report, blocked, onDiscard, onSaved, onStale } = props;
  const { session } = useApp();
  const [open, setOpen] = useState(false);
  const sending = useSending();
  const box = useFocusBack<HTMLDivElement>(open && isChanged(draft));
  const dirty = isChanged(draft);
  const changes = differing(policy, draft);
  const may = policy.may_save && dirty && blocked === null;
  const words = submitWords(verdict, policy);
  useShortcuts({ s: may && !open ? () => setOpen(true) : undefined });

  const save = async (reason: string): Promise<void> => {
    const document = documentOf(policy, draft);
    const request = {
      method: 'PUT' as const,
      headers: { 'If-Match': `"${policy.version}"` },
      body: { document, reason },
    };
    const saved = await sending.send<Saved>(policyPath(policy.workflow_id), request, async ({ status }) => {
      if (status !== 412) return false;
      const theirs = await onStale();
      // The answer to an earlier press may have been lost on its way: then what stands there is our own.
      const isOurs = theirs?.saved_by?.id === session?.reviewer.id && theirs?.reason === reason;
      if (isOurs && theirs !== null) onSaved({ status: 'active', version: theirs.version });
      setOpen(false);
      return true;
    });
    if (saved === null) return;
    setOpen(false);
    onSaved(saved);
  };
  if (open && dirty) {
    return (
      <div class="save" ref={box} data-open="true">
        <ReasonForm
          title={words.title}
          ask="Why is this right? It stays with the version."
          submit={words.submit}
          busy={sending.busy}
          blocked={blocked}
          trouble={sending.trouble}
          onSubmit={(reason) => void save(reason)}
          onCancel={() => {
            sending.clear();
            setOpen(false);
          }}
        >
          <Differences diff={changes.map(asDifference)} settings={policy.settings} />
          <p class="save__verdict" data-status={verdict.status}>
            {verdict.sentence}
          </p>
        </ReasonForm>
      </div>
    );
  }
  return (
    <div class="save" ref={box} data-open="false">
      <p class="save__verdict" data-status={verdict.status} role="status">
        {dirty && <b>{draft.opened === null ? count(changes.length, 'change') : 'Other rules'}. </b>}
        {policy.may_save
          ? (blocked ?? (
              <>
                <span class={dirty ? 'save__sentence' : undefined}>{verdict.sentence}</span>
                {dirty && <span class="save__brief">{verdict.brief}</span>}
              </>
            ))
          : readerWords(dirty)}
        {dirty && report !== null && report.items > 0 && <span class="save__answer"> {answerWords(report)}</span>}
      </p>
      <div class="save__buttons">
        <Button onPress={onDiscard} disabled={!dirty}>
          Put all back
        </Button>
        {policy.may_save && (
          <GuardedButton look="main" shortcut="s" disabled={!may} onPress={() => setOpen(true)}>
            {words.begin}
          </GuardedButton>
        )}
      </div>
    </div>
  );
}

/** A button says what it does. */
export function submitWords(
  { status }: Verdict,
  { version }: Policy,
): { begin: string; title: string; submit: string } {
  if (status === 'proposed') return { begin: 'Propose…', title: 'Propose these rules', submit: 'Send to governance' };
  const title = `Save as version ${version + 1}`;
  return { begin: 'Save…', title, submit: status === 'open' ? 'Save' : 'Save and make it active' };
}

/** The picture at the side in a line, where it stands too far below to be seen. */
export function answerWords({ changed, items, wrongly_approved: wrongly }: Report): string {
  const refused = wrongly === 0 ? '' : `, ${wrongly.toLocaleString('en')} through although a person found them wrong`;
  return `${changed.toLocaleString('en')} of ${count(items, 'case')} would go another way${refused}.`;
}

function readerWords(dirty: boolean): string {
  return dirty
    ? 'You may try numbers here, not save them: an operator does that.'
    : 'You may read these rules and try other numbers. An operator saves them.';
}

import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ActionName, OfferedAction } from '../../api/types';
import { hiddenIn } from '../../content/hidden-in';
import { useApp } from '../../context';
import { isArmed } from '../../hooks/armed';
import { useShortcuts } from '../../hooks/use-shortcuts';
import type { Filled } from './act-form';
import { decides } from './acts';
import { whyNotBegin, whyNotSend, type Facts } from './blocks';
import type { FormKind } from './form-words';
import type { Acting } from './use-act';
import type { Ready } from './use-case';
import type { Draft } from './use-draft';
import type { Item } from './use-large-values';

export interface Controls {
  /** The form that is open, if any. */
  form: FormKind | null;
  begin: (kind: FormKind) => void;
  close: () => void;
  submit: (kind: FormKind, filled: Filled) => void;
  /** Gives the case to oneself, or back. */
  claim: (() => void) | null;
  claimed: boolean;
  offered: (action: ActionName) => OfferedAction | undefined;
  whyNotBegin: (kind: FormKind) => string | null;
  whyNotSend: (kind: FormKind) => string | null;
  needsReason: (kind: FormKind) => boolean;
  confirmWord: string | null;
  busy: boolean;
  hidden: { present: boolean; acknowledged: boolean; acknowledge: (yes: boolean) => void };
}

/** What can be done with an open case, what is being done, and the keys for it. */
export function useControls(ready: Ready, item: Item, draft: Draft, acting: Acting): Controls {
  const { live, verified } = ready;
  const { session } = useApp();
  const [opened, setOpened] = useState<FormKind | null>(null);
  const [acknowledged, setAcknowledged] = useState<string | null>(null);
  const { step } = acting.sending;
  const busy = step === 'sending' || step === 'checking';
  const form = draft.isOpen ? 'modify' : opened;
  const present = useMemo(() => {
    const { hidden, gaps } = hiddenIn([item.request, draft.value ?? item.model_output]);
    return hidden + gaps > 0;
  }, [item, draft.value]);

  const missing = [...item.missing.values()];
  const facts: Facts = {
    sessionEnded: ready.session === 'ended',
    stale: ready.stale,
    mismatch: missing.some(({ status }) => status === 'mismatch'),
    missing: missing.some(({ status }) => status === 'unreachable'),
    loading: missing.some(({ status }) => status === 'waiting'),
    unacknowledged: present && acknowledged !== verified.packageDigest,
    faults: draft.faults,
    changed: draft.changed,
  };
  const offered = (action: ActionName): OfferedAction | undefined =>
    live.actions.find((found) => found.action === action);
  const mayDecide = offered('approve')?.allowed === true || offered('reject')?.allowed === true;
  const claimed = live.claim !== null && live.claim.by.id === session?.reviewer.id;
  const confirmWord = live.assurance.have === 'link' ? live.confirm_word : null;
  const needsReason = (kind: FormKind): boolean =>
    kind === 'escalate' || kind === 'roll_back' || offered(kind as ActionName)?.needs_reason === true;

  /** Why the button of an act is off: the companion's reason first. */
  const whyNot = (kind: FormKind): string | null => {
    if (kind === 'annotate') return whyNotBegin(kind, facts);
    if (kind === 'answer') return mayDecide ? whyNotBegin(kind, facts) : 'You may read this, not answer it.';
    const action = offered(kind as ActionName);
    if (action === undefined) return 'This is not offered here.';
    return action.allowed ? whyNotBegin(kind, facts) : (action.why_not ?? 'This is not open to you.');
  };
  const submit = (kind: FormKind, { reasonCode, text, confirmWord: word }: Filled): void => {
    if (kind === 'ask' || kind === 'annotate' || kind === 'answer') acting.send({ kind, text: text ?? '' });
    else if (kind === 'escalate' || kind === 'roll_back') acting.send({ kind, reasonCode, rationale: text });
    else if (kind === 'modify')
      acting.send({ kind, edited: draft.value, reasonCode, rationale: text, confirmWord: word });
    else acting.send({ kind, reasonCode, rationale: text, confirmWord: word });
  };
  const begin = (kind: FormKind): void => {
    if (busy || form !== null || whyNot(kind) !== null) return;
    acting.dismiss();
    if (kind === 'modify') draft.open();
    else if (kind === 'approve' && !needsReason(kind) && confirmWord === null) {
      submit(kind, { reasonCode: null, text: null, confirmWord: null });
    } else setOpened(kind);
  };
  const mayClaim = mayDecide && !busy && (live.state === 'pending' || claimed);
  const claim = mayClaim ? (): void => acting.send({ kind: claimed ? 'release' : 'claim' }) : null;

  const doneWith = acting.sending.step === 'done' && !decides(acting.sending.kind) ? acting.sending.kind : null;
  useEffect(() => {
    if (doneWith !== null) setOpened(null);
  }, [doneWith]);
  useShortcuts({
    a: () => isArmed() && begin('approve'),
    r: () => begin('reject'),
    e: () => begin('modify'),
    x: () => begin('escalate'),
    i: () => live.state !== 'awaiting_information' && begin('ask'),
    n: () => begin('annotate'),
    c: claim !== null && form === null ? claim : undefined,
  });
  return {
    form,
    begin,
    close: () => {
      draft.discard();
      setOpened(null);
      acting.dismiss();
    },
    submit,
    claim,
    claimed,
    offered,
    whyNotBegin: whyNot,
    whyNotSend: (kind) => whyNot(kind) ?? whyNotSend(kind, facts),
    needsReason,
    confirmWord,
    busy,
    hidden: {
      present,
      acknowledged: !facts.unacknowledged,
      acknowledge: (yes) => setAcknowledged(yes ? verified.packageDigest : null),
    },
  };
}

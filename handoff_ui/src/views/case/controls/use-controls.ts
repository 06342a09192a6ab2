import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { ActionName, OfferedAction } from '../../../api/types';
import { hiddenIn } from '../../../content/hidden-in';
import { useApp } from '../../../context';
import { useKept } from '../../../hooks/use-kept';
import { useShortcuts } from '../../../hooks/use-shortcuts';
import { sentForWords } from '../../../words/gates';
import { firstFilled, isWaitedFor, targetsOf } from '../../../words/stage';
import type { Filled } from '../acts/act-form';
import { decides, endsPart, type More } from '../acts/acts';
import type { FormKind } from '../acts/form-words';
import type { Acting } from '../acts/use-act';
import type { Ready } from '../live/use-case';
import type { Draft } from '../content/use-draft';
import type { Item } from '../content/use-large-values';
import { whyNotBegin, whyNotSend, type Facts } from './blocks';
import { useChecks, type Checks } from './use-checks';
import { useEditCheck, type EditCheck } from './use-edit-check';
import { evidenceOf, NOTHING, urgencyOf, useExtras, type ExtrasState } from './use-extras';

export interface Controls extends ExtrasState {
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
  /** Whether an act is confirmed with a passkey, there and then. */
  needsPasskey: (kind: FormKind) => boolean;
  confirmWord: string | null;
  busy: boolean;
  hidden: { present: boolean; acknowledged: boolean; acknowledge: (yes: boolean) => void };
  checks: Checks;
  /** The check whose evidence is not named yet. */
  unshown: string | null;
  /** Which failure the case was sent up for, and what can be done about it. */
  sentFor: string | null;
  /** Records checks that all passed, for somebody who does not decide. */
  record: (() => void) | null;
  editCheck: EditCheck;
}

/** What can be done with an open case, what is being done, and the keys for it. */
export function useControls(ready: Ready, item: Item, draft: Draft, acting: Acting, disclosed: boolean): Controls {
  const { live, verified } = ready;
  const { session } = useApp();
  const [opened, setOpened] = useKept<FormKind | null>('form', null);
  const [acknowledged, setAcknowledged] = useState<string | null>(null);
  const { extras, set, fill } = useExtras();
  const checks = useChecks(live, draft.changed ? draft.value : null);
  const editCheck = useEditCheck(live.id, draft.changed && draft.faults === 0 ? draft.value : null);
  const { step } = acting.sending;
  const busy = step === 'sending' || step === 'checking';
  const form = draft.isOpen ? 'modify' : opened;
  const first = firstFilled(live, draft.isOpen);
  const formValues = first === null ? (live.response_form?.properties ?? null) : null;
  const present = useMemo(() => {
    const filled = Object.values(formValues ?? {}).map((property) => property.default ?? null);
    const agreedTo = first?.response ?? null;
    const { hidden, gaps } = hiddenIn([item.request, draft.value ?? item.model_output, filled, agreedTo]);
    return hidden + gaps > 0;
  }, [item, draft.value, formValues, first]);

  // While a workflow waits for the answer there is no "later": no question, no lease, only handing it on (R-UI-26).
  const waits = isWaitedFor(live);
  const offered = (action: ActionName): OfferedAction | undefined =>
    waits && action === 'ask' ? undefined : live.actions.find((found) => found.action === action);
  const mayDecide = offered('approve')?.allowed === true || offered('reject')?.allowed === true;
  const mayCheck = checks.mine && (mayDecide || live.duties?.includes('verify') === true);
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
    failed: checks.failed,
    sentFor: checks.sentFor && sentForWords(checks.sentFor, mayCheck),
    unanswered: checks.unanswered,
    unshown: extras.evidence.title.trim() === '' ? checks.toShow : null,
    waitsFor: checks.gates.find(({ gate, passed }) => !gate.may_answer && !passed)?.gate.title ?? null,
    formFaults: formValues === null ? [] : (extras.response?.faults ?? null),
    editRefused: editCheck.step === 'found' && !editCheck.allowed ? (editCheck.refused ?? '') : null,
    editUnchecked: editCheck.step === 'checking',
    disclosed,
  };
  const claimed = live.claim !== null && live.claim.by.id === session?.reviewer.id;
  const confirmWord = live.assurance.have === 'link' ? live.confirm_word : null;
  const needsReason = (kind: FormKind): boolean =>
    ['escalate', 'roll_back', 'verify'].includes(kind) || offered(kind as ActionName)?.needs_reason === true;

  /** Why the button of an act is off: the companion's reason first. */
  const whyNot = (kind: FormKind): string | null => {
    if (kind === 'annotate') return whyNotBegin(kind, facts);
    if (kind === 'answer') return mayDecide ? whyNotBegin(kind, facts) : 'You may read this, not answer it.';
    if (kind === 'verify') return mayCheck ? whyNotBegin(kind, facts) : 'The checks are somebody else’s.';
    const action = offered(kind as ActionName);
    if (action === undefined) return 'This is not offered here.';
    return action.allowed ? whyNotBegin(kind, facts) : (action.why_not ?? 'This is not open to you.');
  };
  const moreOf = (kind: FormKind): More => ({
    ...(decides(kind) && kind !== 'reject' && checks.answers.length > 0 && { gate_results: checks.answers }),
    ...(decides(kind) && kind !== 'reject' && formValues && extras.response && { response: extras.response.value }),
    ...((kind === 'reject' || kind === 'modify') && extras.mark !== '' && { mark: extras.mark }),
    ...(kind !== 'escalate' && evidenceOf(extras)),
    ...urgencyOf(extras),
  });
  const submit = (kind: FormKind, { reasonCode, text, confirmWord: word }: Filled): void => {
    const more = moreOf(kind);
    const why = { reasonCode, rationale: text };
    if (kind === 'ask' || kind === 'annotate' || kind === 'answer') acting.send({ kind, text: text ?? '' });
    else if (kind === 'roll_back') acting.send({ kind, ...why });
    else if (kind === 'escalate') {
      // At the highest level there is no next one: the first place stands for it.
      const target = extras.target ?? (targetsOf(live)[0]?.id || null);
      acting.send({ kind, ...why, target, more });
    } else if (kind === 'verify') acting.send({ kind, ...why, answers: checks.answers, more });
    else if (kind === 'modify') acting.send({ kind, edited: draft.value, ...why, confirmWord: word, more });
    else {
      const comment = extras.comment.trim();
      const rationale = text ?? (kind === 'approve' && comment !== '' ? comment : null);
      acting.send({ kind, reasonCode, rationale, confirmWord: word, more });
    }
  };
  const begin = (kind: FormKind): void => {
    if (busy || form !== null || whyNot(kind) !== null) return;
    acting.dismiss();
    if (kind === 'modify') draft.open();
    else if (kind === 'approve' && !needsReason(kind) && confirmWord === null) {
      submit(kind, { reasonCode: null, text: null, confirmWord: null });
    } else setOpened(kind);
  };
  const complete =
    checks.unanswered === 0 && checks.failed.length === 0 && checks.answers.length > 0 && facts.unshown === null;
  const record = (): void =>
    acting.send({
      kind: 'verify',
      answers: checks.answers,
      reasonCode: null,
      rationale: null,
      more: evidenceOf(extras),
    });
  // While it is being sent as well: a button that goes takes the focus with it, and nothing is sent twice.
  const mayClaim = mayDecide && !waits && (claimed || live.state === 'pending');
  const claim = mayClaim ? (): void => acting.send({ kind: claimed ? 'release' : 'claim' }) : null;

  const doneWith = acting.sending.step === 'done' ? acting.sending.kind : null;
  const { clear } = checks;
  const { discard } = draft;
  useLayoutEffect(() => {
    if (doneWith === null) return;
    // A decision too may leave the case open: the first of two, or a second one that disagrees.
    setOpened(null);
    if (doneWith === 'modify') discard();
    // The companion holds them now.
    if (doneWith === 'verify') clear();
    if (endsPart(doneWith)) set(NOTHING);
  }, [doneWith, clear, discard, set, setOpened]);
  useShortcuts({
    // By its button, which answers a key that came too early.
    a: () => document.querySelector<HTMLElement>('.actions__main [name=approve]')?.click(),
    r: () => begin('reject'),
    e: () => begin('modify'),
    x: () => begin('escalate'),
    i: () => live.state !== 'awaiting_information' && begin('ask'),
    n: () => begin('annotate'),
    c: claim !== null && form === null ? claim : undefined,
  });
  return {
    extras,
    set,
    fill,
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
    needsPasskey: (kind) => live.assurance.by_action?.[kind] === 'step_up',
    confirmWord,
    busy,
    hidden: {
      present,
      acknowledged: !facts.unacknowledged,
      acknowledge: (yes) => setAcknowledged(yes ? verified.packageDigest : null),
    },
    checks,
    unshown: facts.unshown,
    sentFor: facts.sentFor,
    record: mayCheck && complete && !mayDecide ? record : null,
    editCheck,
  };
}

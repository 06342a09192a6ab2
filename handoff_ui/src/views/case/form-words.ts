import { hiddenIn } from '../../content/hidden-in';
import type { Live } from '../../api/types';
import { decides, type ActKind } from './acts';

/** The acts that may ask for more than a press. */
export type FormKind = Exclude<ActKind, 'claim' | 'release' | 'undo' | 'triage' | 'assign'>;

export interface FormWords {
  title: string;
  submit: string;
  cancel: string;
  /** The question above the text field; null where no text is asked for. */
  text: string | null;
}

const OTHER_ACTS =
  /^\P{L}*(reject|declin|den[iy]|refus|dismiss|discard|escalat|send (it )?back|hand (it )?on|edit|ask|cancel|undo)/iu;

/** The workflow's words for approving, where they can pass for nothing else (rows H3, H4). */
export function approveWords(label: string): string {
  const { hidden, gaps } = hiddenIn(label);
  if (hidden + gaps > 0 || label.trim() === '') return 'Approve';
  // "Reject the claim" may be what is approved; its button still says that pressing it approves.
  return OTHER_ACTS.test(label) ? `Approve: ${label}` : label;
}

/** What each act's form says. A button says what it does. */
export function formWords(kind: FormKind, approveLabel: string, needsReason: boolean): FormWords {
  const back = { cancel: 'Back' };
  switch (kind) {
    case 'approve':
      return { ...back, title: approveLabel, submit: approveLabel, text: needsReason ? 'Why is it right?' : null };
    case 'modify':
      return {
        title: 'Approve your edited version',
        submit: 'Approve edited version',
        cancel: 'Stop editing',
        text: needsReason ? 'What did you change, and why?' : null,
      };
    case 'reject':
      return { ...back, title: 'Reject', submit: 'Reject', text: needsReason ? 'What is wrong with it?' : null };
    case 'escalate':
      return { ...back, title: 'Hand it on', submit: 'Escalate', text: 'What should they look at?' };
    case 'verify':
      return { ...back, title: 'Send it back', submit: 'Send it back', text: 'What failed, and what has to change?' };
    case 'roll_back':
      return {
        title: 'Take this approval back',
        submit: 'Take it back',
        cancel: 'Leave it',
        text: 'Why does the approval no longer hold?',
      };
    case 'ask':
      return {
        ...back,
        title: 'Ask a question',
        submit: 'Ask',
        text: 'What do you need to know? The case waits for the answer.',
      };
    case 'annotate':
      return {
        ...back,
        title: 'Leave a note',
        submit: 'Keep the note',
        text: 'It decides nothing, and others will read it.',
      };
    case 'answer':
      return { ...back, title: 'Answer the question', submit: 'Answer', text: 'Your answer' };
  }
}

/** What is said once an act that decides nothing was recorded. */
const DONE_WORDS: Partial<Record<ActKind, string>> = {
  verify: 'Your checks are recorded.',
  triage: 'Sorted. Reviewers see it now.',
  assign: 'Recorded. Whoever looks after it sees it among their cases.',
  undo: 'Taken back. The case is open again, and the workflow never heard of the decision.',
  ask: 'Your question is recorded. The case comes back when it is answered.',
  answer: 'Your answer is recorded.',
  annotate: 'Your note is kept.',
  claim: 'Yours for 15 minutes. Others see that you are on it.',
  release: 'Given back. Anybody may decide it now.',
  roll_back: 'The approval is taken back.',
};

/** What became of a press of `me` that left the case open; null where there is nothing to say of it any more. */
export function doneWords(kind: ActKind, live: Live, me: string | null): { title: string; text?: string } | null {
  if (kind === 'reject') {
    return live.disagreements?.at(-1)?.second_by.id === me
      ? { title: 'Your rejection is recorded.', text: 'A third person settles it; nothing goes on before that.' }
      : null;
  }
  if (decides(kind)) {
    return live.state === 'awaiting_second_review'
      ? { title: 'Your approval is recorded.', text: 'It counts once a second, different person agrees.' }
      : null;
  }
  if (kind === 'escalate') {
    const mayDecide = live.actions.some(({ action, allowed }) => allowed && decides(action as ActKind));
    const text = mayDecide
      ? 'You can still decide it yourself until somebody does.'
      : 'They see all that is known of it.';
    return { title: 'Handed on.', text };
  }
  const title = DONE_WORDS[kind];
  return title === undefined ? null : { title };
}

import { hiddenIn } from '../../../content/hidden-in';
import type { ActKind } from './acts';

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

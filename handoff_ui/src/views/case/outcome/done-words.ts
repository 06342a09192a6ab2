import type { Live } from '../../../api/types';
import { spelled } from '../../../content/reading';
import { decides, type ActKind } from '../acts/acts';

/** What is said once an act that decides nothing was recorded. */
const DONE_WORDS: Partial<Record<ActKind, string>> = {
  triage: 'Sorted. Reviewers see it now.',
  assign: 'Recorded. Whoever looks after it sees it among their cases.',
  undo: 'Taken back. The case is open again, and the workflow never heard of the decision.',
  ask: 'Your question is recorded. It can be decided meanwhile; the answer will stand here.',
  answer: 'Your answer is recorded.',
  annotate: 'Your note is kept.',
  claim: 'Yours for 15 minutes. Others see that you are on it.',
  release: 'Given back. Anybody may decide it now.',
  roll_back: 'The approval is taken back.',
};

/** Where failed checks sent the case; nothing where none failed. */
function sentWords({ gates = [], stage, reviewer_level }: Live): string | undefined {
  const failed = gates.flatMap(({ items }) => items).filter(({ result }) => result === 'fail');
  if (failed.length === 0) return undefined;
  const where = stage === 'triage' ? 'Sent back to be sorted' : `Sent up to level ${reviewer_level}`;
  return `${where}: ${failed.map(({ title }) => `“${spelled(title)}”`).join(', ')} failed.`;
}

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
  if (kind === 'verify') return { title: 'Your checks are recorded.', text: sentWords(live) };
  const title = DONE_WORDS[kind];
  return title === undefined ? null : { title };
}

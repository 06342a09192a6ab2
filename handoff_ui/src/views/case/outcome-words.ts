/** What became of a case, in words a person reads. */
import { spelled } from '../../content/reading';
import type { Live, Row } from '../../api/types';

export function isOpen(live: Pick<Row, 'state'>): boolean {
  return ['pending', 'claimed', 'awaiting_information', 'awaiting_second_review'].includes(live.state);
}

/** Whether Handoff asks, about a pause or about what was decided without a person, and no workflow. */
export function asksItself({ subject }: Pick<Row, 'subject'>): boolean {
  return subject != null;
}

/** Whether it is the review of a pause: no model is in it. */
export function asksOfPause({ subject }: Pick<Row, 'subject'>): boolean {
  return subject?.startsWith('pa_') === true;
}

/** What follows a yes; with `workflow`, the words are said of the workflow, whose name stands before them. */
export function yesWords(live: Live): { workflow: boolean; words: string } {
  if (asksOfPause(live)) {
    return { workflow: false, words: 'that is recorded. Somebody who may resume it does that afterwards.' };
  }
  if (asksItself(live)) {
    return { workflow: false, words: 'that is recorded. No workflow waits for it, and nothing goes on by itself.' };
  }
  if (live.second_review != null && live.state !== 'awaiting_second_review') {
    return { workflow: false, words: 'a second, different person is asked; nothing goes on before both agree.' };
  }
  const when = live.group.size > 1 ? ', once every case of this group is decided' : '';
  return { workflow: true, words: `goes on with exactly what is shown here${when}.` };
}

/** "Mara Lind approved this": who and what, without the time. */
export function outcomeWords(live: Live, me: string | null): string {
  const who =
    live.decided_by === null
      ? 'Somebody'
      : live.decided_by.id === me
        ? 'You'
        : spelled(live.decided_by.name ?? 'Somebody');
  switch (live.state) {
    case 'approved':
      return `${who} approved this`;
    case 'modified':
      return `${who} approved an edited version`;
    case 'rejected':
      return live.decision?.cause === 'expired'
        ? 'Nobody decided in time, so this counts as rejected'
        : `${who} rejected this`;
    case 'expired':
      return 'Nobody decided in time';
    case 'withdrawn':
      return 'The workflow took this question back';
    case 'stopped':
      return 'A rule stopped this';
    case 'rolled_back':
      return 'This was approved, and the approval was taken back';
    default:
      return '';
  }
}

/** What follows from it for the person who looks. */
export function consequenceWords(live: Live): string {
  switch (live.state) {
    case 'expired':
      return 'It is neither approved nor rejected. Ask for the case to be opened again if it still matters.';
    case 'withdrawn':
      return 'It no longer needs an answer. There is nothing for you to do.';
    case 'stopped':
      return 'Nobody was asked, and there is nothing to decide here.';
    case 'rolled_back':
      return rolledBackWords(live);
    default:
      return '';
  }
}

function rolledBackWords({ delivery, history, subject }: Live): string {
  if (asksItself({ subject })) return 'No workflow waited for it, so none is told.';
  if (delivery === null) return 'What the workflow has done since then is not undone by itself.';
  const takenBackAt = history.find(({ type }) => type === 'handoff.rolled_back')?.at ?? '';
  const told = delivery.last_attempt_at !== null && delivery.last_attempt_at < takenBackAt;
  switch (delivery.status) {
    case 'delivered':
    case 'uncertain':
      return told
        ? 'The workflow had the approval already. It is not called again, and what it has done since then stays done.'
        : 'The workflow was told that nothing is approved.';
    case 'pending':
    case 'retrying':
      return 'The workflow is told that nothing is approved.';
    default:
      return 'The workflow was not told of the approval, and is not called again.';
  }
}

/** What taking an approval back does, said before it is done. */
export function takeBackWords({ delivery, subject }: Live): string {
  if (asksItself({ subject })) return 'This is recorded. No workflow waited for the answer, so none is told.';
  switch (delivery?.status) {
    case 'delivered':
    case 'uncertain':
      return 'The workflow has the approval already. This is recorded, but the workflow is not called again, and what it has done since then stays done.';
    case 'pending':
    case 'retrying':
      return 'This is recorded. The workflow is told that nothing is approved, unless it heard of the approval a moment ago.';
    default:
      return 'This is recorded. The workflow is not called; what it has done since then stays done.';
  }
}

const GROUP_WAIT_MS = 10_000;

export interface DeliveryWords {
  tone: 'calm' | 'alarm';
  text: string;
}

/** Whether the workflow has the answer. */
export function deliveryWords(
  { delivery, subject }: Pick<Live, 'delivery' | 'subject'>,
  waited_ms: number,
): DeliveryWords {
  if (asksItself({ subject })) {
    return { tone: 'calm', text: 'No workflow waits for this answer. It is recorded, and nothing goes on by itself.' };
  }
  if (delivery === null) return { tone: 'calm', text: 'The workflow fetches the answer itself.' };
  const cause = delivery.cause === null ? '' : ` ${sentence(delivery.cause)}`;
  switch (delivery.status) {
    case 'pending':
      // A single answer leaves at once; one that is not tried for a while waits for the others of its group.
      return delivery.attempts === 0 && waited_ms > GROUP_WAIT_MS
        ? { tone: 'calm', text: 'The workflow gets the answer once every case of this group is decided.' }
        : { tone: 'calm', text: 'The answer is on its way to the workflow.' };
    case 'retrying':
      return {
        tone: 'calm',
        text: `The workflow could not be reached yet.${cause} Handoff keeps trying; ${delivery.attempts} of its tries failed so far.`,
      };
    case 'delivered':
      return { tone: 'calm', text: 'The workflow has the answer.' };
    case 'uncertain':
      return {
        tone: 'calm',
        text: `The answer was sent, but the workflow’s reply got lost.${cause} Handoff finds out before it sends anything again.`,
      };
    case 'failed':
      return {
        tone: 'alarm',
        text: `The workflow no longer waits for this answer.${cause} The decision is recorded, but nothing goes on by itself.`,
      };
    case 'held':
      return { tone: 'calm', text: 'The answer is held while this is paused. It goes out once somebody resumes.' };
    case 'superseded':
      return {
        tone: 'calm',
        text: 'A newer question of the same run took the place of this one; this answer is not sent.',
      };
  }
}

/** A cause as a sentence: `execution_gone` → "Execution gone." stays readable even if nobody wrote words for it. */
function sentence(cause: string): string {
  const words = /^[a-z0-9_]+$/.test(cause) ? cause.replaceAll('_', ' ') : cause;
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

import type { Live } from '../api/types';
import { asksItself } from './standing';

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

/** Whether a case still waits for an answer, and who asks. */
import type { Row } from '../api/types';

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

/** Where a case stands on its way through people, in words. */
import { spelled } from '../content/reading';
import type { FirstApproval, Live } from '../api/types';
import { isOpen } from './standing';

export interface StageWords {
  title: string;
  text: string;
}

/** Whether a workflow stands still until this is answered; nothing waits for what Handoff itself asks. */
export function isWaitedFor({ route, subject }: Pick<Live, 'route' | 'subject'>): boolean {
  return route === 'synchronous_human_review' && subject == null;
}

/** The first approval, which a second or a third agrees to: what was filled in with it is filled in anew by edits only. */
export function firstFilled(live: Live, edits = false): FirstApproval | null {
  return isOpen(live) && !edits ? (live.first_approval ?? null) : null;
}

/** Which review this is and what it is for; null where one person decides, and there is nothing more to say. */
export function stageWords(live: Live): StageWords | null {
  if (live.stage === 'triage') {
    return { title: 'Triage.', text: 'It is sorted first; nobody decides it before that.' };
  }
  const isSecond = live.state === 'awaiting_second_review';
  const title = `Review ${isSecond ? 2 : 1} of 2.`;
  // Who may not approve, as the first of two or one of two who disagreed, is not asked either.
  if (live.actions.some(({ action, allowed }) => action === 'approve' && !allowed)) {
    return live.second_review ? { title, text: '' } : null;
  }
  const now = isWaitedFor(live) ? 'The workflow is waiting for you. ' : '';
  if (!live.second_review) {
    return now === '' ? null : { title: now.trim(), text: 'It goes on the moment that you answer.' };
  }
  const text = isSecond
    ? `${now}Is the judgment sound, and is there a risk that nobody sees?`
    : 'Is it complete, and does it follow the rules? A second person must agree before anything goes on.';
  return { title, text };
}

const RAISED = ['handoff.escalated', 'handoff.overdue', 'handoff.gate_failed', 'handoff.disagreement'];

/** "Escalated to level 2" only where somebody or something raised it; else it began there. */
export function levelWords({ reviewer_level, history }: Live): string | null {
  if (reviewer_level <= 1) return null;
  const raised = history.some(({ type }) => RAISED.includes(type));
  return `${raised ? 'Escalated to' : 'Begins at'} level ${reviewer_level}`;
}

const HIGHEST_LEVEL = 4;

/** Where a case can be handed on to, the next level first; the id of that one is empty. */
export function targetsOf({ reviewer_level, escalation_targets = [] }: Live): { id: string; words: string }[] {
  const steps = [reviewer_level, reviewer_level + 1].map((level) => `level_${level}`);
  const next = escalation_targets.find(({ id }) => id === steps[1]);
  const others = escalation_targets
    .filter(({ id }) => !steps.includes(id))
    .map(({ id, title, level }) => ({ id, words: `${spelled(title)} (level ${level})` }));
  if (reviewer_level >= HIGHEST_LEVEL) return others;
  return [{ id: '', words: `The next level: ${next ? spelled(next.title) : reviewer_level + 1}` }, ...others];
}

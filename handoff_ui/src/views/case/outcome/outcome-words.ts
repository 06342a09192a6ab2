/** What became of a case, in words a person reads. */
import type { Live } from '../../../api/types';
import { spelled } from '../../../content/reading';
import { asksItself } from '../../../words/standing';

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

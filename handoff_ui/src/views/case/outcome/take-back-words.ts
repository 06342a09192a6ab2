import type { Live } from '../../../api/types';
import { asksItself } from '../../../words/standing';

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

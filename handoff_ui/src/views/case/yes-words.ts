import type { Live } from '../../api/types';
import { asksItself, asksOfPause } from '../../words/standing';

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

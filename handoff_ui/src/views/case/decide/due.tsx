import type { JSX } from 'preact';
import type { Live } from '../../../api/types';
import { At, Deadline } from '../../../parts/deadline';

/** When it should be decided, with what is left of it, and when it closes by itself (R-UI-28, R-GATE-14). */
export function Due({ live }: { live: Live }): JSX.Element {
  const second = live.state === 'awaiting_second_review' ? live.second_due_at : null;
  const due = dueAt(live);
  if (due === live.expires_at) {
    return (
      <p class="pane__due">
        <Deadline at={live.expires_at} />
      </p>
    );
  }
  return (
    <p class="pane__due">
      <Deadline at={due} />
      <span class="pane__closes">
        {second === null && live.second_review && live.second_due_at && (
          <>
            The second review is due <At at={live.second_due_at} />.{' '}
          </>
        )}
        Closes undecided <At at={live.expires_at} />.
      </span>
    </p>
  );
}

/** The time that comes first: a case that closes before it is due is to be decided before it closes. */
export function dueAt({ state, due_at, second_due_at, expires_at }: Live): string {
  const due = (state === 'awaiting_second_review' ? second_due_at : null) ?? due_at ?? expires_at;
  return Date.parse(due) < Date.parse(expires_at) ? due : expires_at;
}

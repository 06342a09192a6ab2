import type { JSX } from 'preact';
import type { Live } from '../../api/types';
import { At, Deadline } from '../../parts/deadline';

/** When it should be decided, with what is left of it, and when it closes by itself (R-UI-28, R-GATE-14). */
export function Due({ live }: { live: Live }): JSX.Element {
  const second = live.state === 'awaiting_second_review' ? live.second_due_at : null;
  const due = second ?? live.due_at ?? null;
  if (due === null) {
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
        {second === null && live.second_due_at && (
          <>
            The second review is due <At at={live.second_due_at} />.{' '}
          </>
        )}
        Closes undecided <At at={live.expires_at} />.
      </span>
    </p>
  );
}

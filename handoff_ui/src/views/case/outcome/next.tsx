import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Live } from '../../../api/types';
import { focusOn } from '../../../hooks/armed';
import { caseAddress, inboxAddress } from '../../../route';
import { cameWith } from '../../inbox/came-with';
import { useNext } from './use-next';

/** Next (3 waiting): where the focus stands after a decision. */
export function Next({ live, focus }: { live: Live; focus: boolean }): JSX.Element {
  const next = useNext(live.id);
  const link = useRef<HTMLAnchorElement>(null);
  const focused = useRef(false);
  useEffect(() => {
    if (!focus || focused.current || link.current === null) return;
    focused.current = true;
    focusOn(link.current);
  });
  if (live.assurance.have === 'link') return <p class="nothing">You can close this page.</p>;
  // Its room is kept while it is being asked for, so that nothing below it moves.
  if (next === null) return <span class="button button--main next next--asked" aria-hidden="true" />;
  return (
    <a
      ref={link}
      class="button button--main next"
      href={next.id === null ? inboxAddress(cameWith()) : caseAddress(next.id)}
      data-guarded=""
    >
      {next.id === null ? 'Nothing else waits. To the inbox' : `Next (${next.waiting} waiting)`}
    </a>
  );
}

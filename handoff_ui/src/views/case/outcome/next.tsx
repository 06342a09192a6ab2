import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
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
  useLayoutEffect(() => {
    if (!focus || focused.current || link.current === null) return;
    focused.current = true;
    focusOn(link.current);
  });
  const address = next === null ? undefined : next.id === null ? inboxAddress(cameWith()) : caseAddress(next.id);
  /** Pressed before it was known where it leads: that press is not lost. */
  const wanted = useRef(false);
  useLayoutEffect(() => {
    if (wanted.current && address !== undefined) window.location.hash = address;
  }, [address]);
  if (live.assurance.have === 'link') return <p class="nothing">You can close this page.</p>;
  // While it is being asked for, its room is kept, and it holds the focus already: nothing moves, and none is lost.
  return (
    <a
      ref={link}
      class="button button--main next"
      href={address}
      tabIndex={next === null ? -1 : 0}
      onClick={() => (wanted.current = next === null)}
      onKeyDown={({ key, repeat }) => key === 'Enter' && !repeat && (wanted.current = next === null)}
      data-guarded=""
    >
      {next === null
        ? 'One moment…'
        : next.id === null
          ? `${next.waiting < 0 ? '' : 'Nothing else waits. '}To the inbox`
          : `Next${next.ofAll ? ', of all' : ''} (${next.waiting} waiting)`}
    </a>
  );
}

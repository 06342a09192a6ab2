import type { ComponentChildren, JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { useApp } from '../context';
import { useShortcuts } from '../hooks/use-shortcuts';
import { inboxAddress } from '../route';
import { Help } from './help';

/** The frame of every view. */
export function Shell({ children }: { children: ComponentChildren }): JSX.Element {
  const { client, session, renewSession } = useApp();
  const help = useRef<HTMLDialogElement>(null);
  useShortcuts({ '?': () => help.current?.showModal() });
  const signOut = async (): Promise<void> => {
    await client.send('/v1/sessions/current', { method: 'DELETE', body: {} });
    await renewSession();
  };
  const full = session !== null && session.assurance !== 'link';
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header class="bar">
        {full ? (
          <a class="bar__name" href={inboxAddress()}>
            Handoff
          </a>
        ) : (
          <span class="bar__name">Handoff</span>
        )}
        {full && (
          <nav class="bar__nav" aria-label="Main">
            <a href={inboxAddress()}>Inbox</a>
          </nav>
        )}
        <span class="bar__space" />
        {session !== null && (
          <span class="bar__who">
            {session.reviewer.name}
            {session.assurance === 'link' && ' (by personal link)'}
          </span>
        )}
        {full && (
          <button type="button" class="button button--quiet" onClick={() => void signOut()}>
            Sign out
          </button>
        )}
        <button type="button" class="button button--quiet" onClick={() => help.current?.showModal()}>
          Keys<kbd class="key">?</kbd>
        </button>
      </header>
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <Help dialog={help} />
    </>
  );
}

/** The fragment belongs to the views, so the skip link moves the focus itself. */
function skip(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { readsCases } from '../api/person';
import { useApp } from '../context';
import { useProposals } from '../hooks/use-proposals';
import { useShortcuts } from '../hooks/use-shortcuts';
import type { Pause } from '../api/policy-types';
import { ACCOUNT, inboxAddress, policyAddress, type Route } from '../route';
import { eraseDraft } from '../trust/kept-draft';
import { later } from './later';
import { Seen } from './quote';
import { PauseBar } from './pause-bar';

const Help = later(() => import('./help').then(({ Help: found }) => found));

interface ShellProps {
  /** Which part of the page is shown. */
  view: Route['view'];
  pauses: Pause[];
  /** Whether it is known yet what to show. */
  isKnown: boolean;
  /** After somebody signed out. */
  onLeave: () => Promise<void>;
  children: ComponentChildren;
}

/** The frame of every view. */
export function Shell({ view, pauses, isKnown, onLeave, children }: ShellProps): JSX.Element {
  const { client, session } = useApp();
  const [helps, setHelps] = useState(false);
  const help = (): void => void Help.preload().then(() => setHelps(true));
  useShortcuts({ '?': help });
  const signOut = async (): Promise<void> => {
    await client.send('/v1/sessions/current', { method: 'DELETE', body: {} });
    client.leave();
    eraseDraft(window.sessionStorage);
    await onLeave();
  };
  const full = session !== null && session.assurance !== 'link';
  const reads = full && readsCases(session.reviewer.roles);
  const proposals = useProposals(client, full ? session.reviewer : null);
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <header class="bar">
        {full ? (
          <a class="bar__name" href={reads ? inboxAddress() : ACCOUNT}>
            Handoff
          </a>
        ) : (
          <span class="bar__name">Handoff</span>
        )}
        {reads && (
          <nav class="bar__nav" aria-label="Main">
            <a href={inboxAddress()} aria-current={view === 'inbox' ? 'page' : undefined}>
              Inbox
            </a>
            <a href={policyAddress()} aria-current={view === 'policies' ? 'page' : undefined}>
              Policies
              {proposals > 0 && (
                <>
                  {' '}
                  <span class="chip">
                    {proposals}
                    <span class="unseen"> to sign off</span>
                  </span>
                </>
              )}
            </a>
          </nav>
        )}
        <span class="bar__space" />
        {full ? (
          <a class="bar__who" href={ACCOUNT} aria-current={view === 'account' ? 'page' : undefined}>
            <span class="unseen">Your account: </span>
            <Seen text={session.reviewer.name} />
          </a>
        ) : (
          session !== null && (
            <span class="bar__who">
              <Seen text={session.reviewer.name} /> (by personal link)
            </span>
          )
        )}
        {full && (
          <button type="button" class="button button--quiet" onClick={() => void signOut()}>
            Sign out
          </button>
        )}
        <button type="button" class="button button--quiet" onClick={help}>
          Keys<kbd class="key">?</kbd>
        </button>
      </header>
      <PauseBar pauses={pauses} />
      {/* The bar of what is paused comes with the view: a new element below it, not one that is pushed down. */}
      <main key={String(isKnown)} id="main" tabIndex={-1}>
        {children}
      </main>
      {helps && <Help onClose={() => setHelps(false)} />}
    </>
  );
}

/** The fragment belongs to the views, so the skip link moves the focus itself. */
function skip(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

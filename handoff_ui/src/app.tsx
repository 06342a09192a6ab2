import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { Client } from './api/client';
import type { Session } from './api/types';
import { AppContext } from './context';
import { disturb } from './hooks/armed';
import { usePauses } from './hooks/use-pauses';
import { Shell } from './parts/shell';
import { caseAddress, hideSecret, parseRoute, type PersonalLink, type Route } from './route';
import type { FindKey } from './trust/keys';
import { BlockedView, SignedOut } from './views/blocked';
import { CaseView } from './views/case/case';
import { Enrol } from './views/enrol';
import { GroupView } from './views/inbox/group';
import { InboxView } from './views/inbox/inbox';
import { Message } from './views/message';
import { Policies } from './views/policies';

type Known =
  | { who: 'asking' }
  | { who: 'unreachable'; offline: boolean }
  | { who: 'nobody' }
  | { who: 'somebody'; session: Session };

const RETRY_MS = 5_000;

/** Chooses the view by the address and by who is there. */
export function Page({ client, findKey }: { client: Client; findKey: FindKey }): JSX.Element {
  const [route, setRoute] = useState(takeRoute);
  const [known, setKnown] = useState<Known>({ who: 'asking' });
  const [linkRefused, setLinkRefused] = useState(false);

  const renewSession = useCallback(async (): Promise<void> => setKnown(await askWho(client)), [client]);
  useEffect(() => {
    const follow = (): void => {
      disturb();
      setRoute(takeRoute());
    };
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  const link = route.view === 'case' ? route.link : null;
  const linkedCase = route.view === 'case' ? route.id : null;
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    if (link !== null && tries === 0) setKnown({ who: 'asking' });
    void signIn(client, linkedCase, link).then(({ known: found, refused }) => {
      if (over) return;
      setLinkRefused(refused);
      setKnown(found);
      if (found.who === 'unreachable') timer = setTimeout(() => setTries((before) => before + 1), RETRY_MS);
    });
    return () => {
      over = true;
      clearTimeout(timer);
    };
    // A link is followed once, when it is opened; walking on to other cases asks nothing again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [client, link, tries]);

  const session = known.who === 'somebody' ? known.session : null;
  const isSignedIn = session !== null && session.assurance !== 'link';
  const { pauses, renew: renewPauses } = usePauses(client, isSignedIn);
  const app = useMemo(
    () => ({ client, findKey, session, renewSession, pauses: pauses ?? [], renewPauses }),
    [client, findKey, session, renewSession, pauses, renewPauses],
  );
  // The bar of what is paused must not push away what is being read.
  const shown: Known = isSignedIn && pauses === null ? { who: 'asking' } : known;
  return (
    <AppContext.Provider value={app}>
      <Shell
        view={route.view}
        pauses={isSignedIn ? app.pauses : []}
        isKnown={route.view === 'enrol' || shown.who !== 'asking'}
      >
        {view(route, shown, linkRefused)}
      </Shell>
    </AppContext.Provider>
  );
}

function view(route: Route, known: Known, linkRefused: boolean): JSX.Element {
  if (route.view === 'enrol') return <Enrol token={route.token} />;
  if (known.who === 'asking') {
    return (
      <p class="loading" role="status">
        One moment…
      </p>
    );
  }
  if (known.who === 'unreachable') return <BlockedView why={{ why: known.offline ? 'offline' : 'lost' }} />;
  if (linkRefused) {
    return (
      <Message title="This personal link does not work any more.">
        <p>It was replaced by a newer one, or was not copied whole. Open the newest message about this case.</p>
      </Message>
    );
  }
  if (known.who === 'nobody') return <SignedOut />;
  if (route.view === 'case') return <CaseView key={route.id} id={route.id} />;
  if (route.view === 'unknown') return <BlockedView why={{ why: 'not_found' }} />;
  if (known.session.assurance === 'link') {
    return (
      <Message title="Your personal link opens its own case only.">
        <p>To see everything that waits, sign this browser in with your enrolment link.</p>
      </Message>
    );
  }
  if (route.view === 'policies') return <Policies workflowId={route.workflowId} page={route.page} />;
  if (route.view === 'group') return <GroupView key={route.groupId} groupId={route.groupId} />;
  return (
    <InboxView key={`${route.state} ${route.workflowId ?? ''}`} state={route.state} workflowId={route.workflowId} />
  );
}

/** Reads the address, and takes secrets out of it at once: they must not stay in the history (row L6). */
function takeRoute(): Route {
  const route = parseRoute(window.location.hash);
  if (route.view === 'case' && window.location.hash !== caseAddress(route.id)) hideSecret(caseAddress(route.id));
  if (route.view === 'enrol') hideSecret('#/enrol');
  return route;
}

async function askWho(client: Client): Promise<Known> {
  const answer = await client.send<Session>('/v1/sessions/current');
  if (answer.kind === 'ok') return { who: 'somebody', session: answer.data };
  return answer.kind === 'unreachable' ? { who: 'unreachable', offline: answer.offline } : { who: 'nobody' };
}

/** Who is there. A personal link is used only where nobody is signed in: it must not lower what a session is worth. */
async function signIn(
  client: Client,
  id: string | null,
  link: PersonalLink | null,
): Promise<{ known: Known; refused: boolean }> {
  if (link === null) {
    client.warm('/v1/pauses');
    warmUp(client, id);
  }
  const known = await askWho(client);
  const isSignedIn = known.who === 'somebody' && known.session.assurance !== 'link';
  if (link === null || isSignedIn || known.who === 'unreachable') return { known, refused: false };
  const { reviewerId, generation, mac } = link;
  const answer = await client.send('/v1/sessions', {
    method: 'POST',
    body: { handoff_id: id, reviewer_id: reviewerId, generation, mac },
  });
  if (answer.kind === 'unreachable') return { known: { who: 'unreachable', offline: answer.offline }, refused: false };
  warmUp(client, id);
  return { known: await askWho(client), refused: answer.kind === 'problem' };
}

/** Asks for what a case needs while it is still being asked who looks at it. */
function warmUp(client: Client, id: string | null): void {
  if (id === null) return;
  for (const path of ['/.well-known/jwks.json', `/v1/handoffs/${id}`, `/v1/handoffs/${id}/package`]) client.warm(path);
}

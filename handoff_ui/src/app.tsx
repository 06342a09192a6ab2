import type { JSX } from 'preact';
import { useCallback, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Client, Config } from './api/client';
import { now_ms } from './api/clock';
import { readsCases } from './api/person';
import type { Session } from './api/types';
import { AppContext } from './context';
import { disturb } from './hooks/armed';
import { usePauses } from './hooks/use-pauses';
import { later, Loading } from './parts/later';
import { Shell } from './parts/shell';
import { caseAddress, hideSecret, inboxAddress, parseRoute, type PersonalLink, type Route } from './route';
import type { FindKey } from './trust/keys';
import { sweepDraft } from './trust/kept-draft';
import { BlockedView, LinkOnly, NoCases } from './views/blocked';
import { CaseView } from './views/case/case';
import { Message } from './views/message';

/** The case is what is needed at once; everything else is loaded by whoever opens it. */
const loadLists = (): Promise<typeof import('./views/inbox/lists')> => import('./views/inbox/lists');
const Account = later(() => import('./views/account/account').then((module) => module.AccountView));
const Batch = later(() => import('./views/batch/batch').then((module) => module.BatchView));
const Enrol = later(() => import('./views/enrol').then((module) => module.Enrol));
const Group = later(() => loadLists().then((module) => module.GroupView));
const Inbox = later(() => loadLists().then((module) => module.InboxView));
const Policies = later(() => import('./views/policies/policies').then((module) => module.PoliciesView));
const SignIn = later(() => import('./views/sign-in/sign-in').then((module) => module.SignInView));
const Trip = later(() => import('./views/sign-in/trip').then((module) => module.TripView));

type Known =
  | { who: 'asking' }
  | { who: 'unreachable'; offline: boolean }
  /** `ended`: somebody was signed in when this page was loaded. */
  | { who: 'nobody'; ended: boolean }
  | { who: 'somebody'; session: Session };

const RETRY_MS = 5_000;

interface PageProps {
  client: Client;
  findKey: FindKey;
  config: Config;
}

/** Chooses the view by the address and by who is there. */
export function Page({ client, findKey, config }: PageProps): JSX.Element {
  const [route, setRoute] = useState(takeRoute);
  const [known, setKnown] = useState<Known>({ who: 'asking' });
  const [linkRefused, setLinkRefused] = useState(false);

  const wasSomebody = useRef(false);
  if (known.who === 'somebody') wasSomebody.current = true;
  const renewSession = useCallback(async (): Promise<void> => {
    const found = await askWho(client, wasSomebody.current);
    // No answer says nothing about who is there.
    setKnown((before) => (found.who === 'unreachable' && before.who === 'somebody' ? before : found));
  }, [client]);
  const leave = useCallback(async (): Promise<void> => {
    wasSomebody.current = false;
    setKnown(await askWho(client));
  }, [client]);
  // Before anything is painted: an address that is followed in the first moment would be lost otherwise.
  useLayoutEffect(() => {
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
  useLayoutEffect(() => {
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

  // On its way while it is being asked who looks.
  useLayoutEffect(() => void (route.view === 'inbox' && loadLists()), [route.view]);
  const session = known.who === 'somebody' ? known.session : null;
  useLayoutEffect(() => void (session && sweepDraft(window.sessionStorage, session.reviewer.id, now_ms())), [session]);
  const isSignedIn = session !== null && session.assurance !== 'link';
  const { pauses, renew: renewPauses } = usePauses(client, isSignedIn);
  const app = useMemo(
    () => ({ client, findKey, config, session, renewSession, pauses: pauses ?? [], renewPauses }),
    [client, findKey, config, session, renewSession, pauses, renewPauses],
  );
  // The bar of what is paused must not push away what is being read.
  const shown: Known = isSignedIn && pauses === null ? { who: 'asking' } : known;
  return (
    <AppContext.Provider value={app}>
      <Shell
        view={route.view}
        pauses={isSignedIn ? app.pauses : []}
        isKnown={route.view === 'enrol' || shown.who !== 'asking'}
        onLeave={leave}
      >
        {view(route, shown, linkRefused)}
      </Shell>
    </AppContext.Provider>
  );
}

function view(route: Route, known: Known, linkRefused: boolean): JSX.Element {
  if (route.view === 'enrol') return <Enrol token={route.token} />;
  if (known.who === 'asking') return <Loading />;
  if (known.who === 'unreachable') return <BlockedView why={{ why: known.offline ? 'offline' : 'lost' }} />;
  if (route.view === 'trip') return <Trip query={route.query} />;
  if (linkRefused) {
    return (
      <Message title="This personal link does not work any more.">
        <p>It was replaced by a newer one, or was not copied whole. Open the newest message about this case.</p>
      </Message>
    );
  }
  // In place of the view that was asked for: its address stays, and it appears once somebody is signed in.
  if (known.who === 'nobody')
    return <SignIn ended={known.ended} error={route.view === 'sign_in' ? route.error : null} />;
  if (route.view === 'case') return <CaseView key={route.id} id={route.id} />;
  if (route.view === 'unknown') return <BlockedView why={{ why: 'not_found' }} />;
  if (known.session.assurance === 'link') return <LinkOnly />;
  if (route.view !== 'account' && !readsCases(known.session.reviewer.roles)) return <NoCases />;
  switch (route.view) {
    case 'policies':
      return <Policies workflowId={route.workflowId} page={route.page} />;
    case 'group':
      return <Group key={route.groupId} groupId={route.groupId} />;
    case 'batch':
      return <Batch id={route.id} like={route.like} />;
    case 'account':
      return <Account page={route.page} />;
    case 'sign_in':
      return <ToInbox />;
    case 'inbox':
      return <Inbox filters={route.filters} />;
  }
}

/** Who is signed in already has nothing to do at the sign-in. */
function ToInbox(): JSX.Element {
  useLayoutEffect(() => window.location.replace(inboxAddress()), []);
  return <Loading />;
}

/** Reads the address, and takes secrets out of it at once: they must not stay in the history (row L6). */
function takeRoute(): Route {
  const route = parseRoute(window.location.hash);
  if (route.view === 'case' && window.location.hash !== caseAddress(route.id)) hideSecret(caseAddress(route.id));
  if (route.view === 'enrol') hideSecret('#/enrol');
  return route;
}

async function askWho(client: Client, wasSomebody = false): Promise<Known> {
  const answer = await client.send<Session>('/v1/sessions/current');
  if (answer.kind === 'ok') return { who: 'somebody', session: answer.data };
  return answer.kind === 'unreachable'
    ? { who: 'unreachable', offline: answer.offline }
    : { who: 'nobody', ended: wasSomebody };
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
  const answer = await client.send<{ session?: string }>('/v1/sessions', {
    method: 'POST',
    body: { handoff_id: id, reviewer_id: reviewerId, generation, mac },
  });
  if (answer.kind === 'unreachable') return { known: { who: 'unreachable', offline: answer.offline }, refused: false };
  // A page on another origin gets no cookie.
  if (answer.kind === 'ok' && answer.data.session !== undefined) client.enter(answer.data.session);
  warmUp(client, id);
  // Any other refusal says nothing about the link: the page is under another name, say, and the sign-in tells that.
  const code = answer.kind === 'problem' ? answer.problem.code : null;
  return { known: await askWho(client), refused: code === 'link_refused' };
}

/** Asks for what a case needs while it is still being asked who looks at it. */
function warmUp(client: Client, id: string | null): void {
  if (id === null) return;
  for (const path of ['/.well-known/jwks.json', `/v1/handoffs/${id}`, `/v1/handoffs/${id}/package`]) client.warm(path);
}

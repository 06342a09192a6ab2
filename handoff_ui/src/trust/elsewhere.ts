/**
 * Signs in a page that is served from another origin than the companion (R-SHAPE-06).
 *
 * The page goes to the companion's own page, where the session lives in a cookie, and comes back with a code that works
 * once, within a minute, and only together with the verifier that stayed here. What it gets for that is a bearer in
 * memory; a reload makes the same trip, unseen while the companion's session lives.
 */
import type { Client, Config } from '../api/client';
import type { Session } from '../api/types';
import { encodeBase64url } from './base64url';

/** Where the trip leads on the companion's own page, and where it ends here. */
const OUT = '#/to-page';
const BACK = '#/signed-in';
const KEPT = 'handoff_trip';

interface Trip {
  verifier: string;
  /** The fragment that was open, so that the case survives the trip. */
  fragment: string;
}

/** Runs before anything is shown. Does not end when the page is being left. */
export async function arrive(client: Client, config: Config): Promise<void> {
  const { hash } = window.location;
  if (hash.startsWith(BACK)) return comeBack(client, hash);
  // Enrolling needs the companion's cookie, so it happens there.
  if (hash.startsWith('#/enrol/')) return leaveTo(new URL(hash, config.base));
  const hasOwnKey = /[?&]mac=/.test(hash);
  // A trip that was begun and not finished is not begun again by itself: it would go round for ever.
  const isStranded = takeTrip() !== null;
  if (hasOwnKey || isStranded) return;
  // Where nobody answers, the browser's own page of errors would stand instead of ours.
  const answer = await client.send('/v1/sessions/current');
  if (answer.kind === 'problem') return goThere(config);
}

/** Begins the trip; the companion's page asks who it is, if it does not know. */
export async function goThere(config: Config): Promise<void> {
  const verifier = encodeBase64url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const trip: Trip = { verifier, fragment: window.location.hash };
  window.sessionStorage.setItem(KEPT, JSON.stringify(trip));
  const challenge = encodeBase64url(new Uint8Array(digest));
  return leaveTo(new URL(`${OUT}?challenge=${challenge}`, config.base));
}

/** Where the companion's own page sends somebody with a code. */
export function backAddress(pageUrl: string, code: string): string {
  return `${pageUrl}/${BACK}?code=${encodeURIComponent(code)}`;
}

async function comeBack(client: Client, hash: string): Promise<void> {
  const trip = takeTrip();
  // The code must not stay in the address or the history (row L6).
  window.history.replaceState(null, '', trip?.fragment || '#/');
  const code = new URLSearchParams(hash.split('?', 2)[1]).get('code');
  // Without the verifier, somebody else's code signs nobody in as them.
  if (trip === null || code === null) return;
  const answer = await client.send<Session & { session: string }>('/v1/sessions/exchange', {
    method: 'POST',
    body: { code, verifier: trip.verifier },
  });
  if (answer.kind === 'ok') client.enter(answer.data.session);
}

function takeTrip(): Trip | null {
  const kept = window.sessionStorage.getItem(KEPT);
  window.sessionStorage.removeItem(KEPT);
  return kept === null ? null : (JSON.parse(kept) as Trip);
}

/** The page stays as it is until the other one is there. */
function leaveTo(address: URL): Promise<never> {
  window.location.replace(address);
  return new Promise(() => undefined);
}

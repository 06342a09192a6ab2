/** One place that talks to the companion. What can be expected to happen is a value, not an exception. */
import { noteServerTime } from './clock';
import type { Problem } from './types';

export type Answer<T> =
  | { kind: 'ok'; data: T; etag: string | null }
  | { kind: 'not_modified' }
  | { kind: 'problem'; problem: Problem }
  /** No answer, or none from the companion itself: for an act, it is not known whether it arrived. */
  | { kind: 'unreachable'; offline: boolean };

export interface Request {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Client {
  send<T>(path: string, request?: Request): Promise<Answer<T>>;
  bytes(path: string): Promise<Answer<Uint8Array<ArrayBuffer>>>;
  /** Starts a GET that is needed soon; the next `send` of the same path gets its answer. Saves turns on slow networks. */
  warm(path: string): void;
  /** From now on, this bearer says who is there: for a page on another origin, where the companion's cookie never goes. */
  enter(bearer: string): void;
  /** Forgets the bearer. */
  leave(): void;
  /** Whether the companion is on another origin than the page. */
  readonly isElsewhere: boolean;
}

const TIME_LIMIT_MS = 20_000;
const WARM_MS = 5_000;

/** `base` is the address that `/v1/…` stands under, with a slash at its end. */
export function createClient(base: URL): Client {
  // In memory only, never in a cookie or a storage: what another page of this origin could read is no session.
  let bearer: string | null = null;
  const isElsewhere = base.origin !== window.location.origin;
  async function request<T>(
    path: string,
    { method = 'GET', body, headers = {} }: Request,
    read: (response: Response) => Promise<T>,
  ): Promise<Answer<T>> {
    const named = bearer === null ? headers : { ...headers, Authorization: `Bearer ${bearer}` };
    try {
      const response = await fetch(new URL(path.replace(/^\//, ''), base), {
        method,
        credentials: isElsewhere ? 'omit' : 'same-origin',
        redirect: 'error',
        cache: 'no-store',
        headers: body === undefined ? named : { ...named, 'Content-Type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(TIME_LIMIT_MS),
      });
      noteServerTime(response.headers.get('Date'));
      if (response.status === 304) return { kind: 'not_modified' };
      if (response.ok) return { kind: 'ok', data: await read(response), etag: response.headers.get('ETag') };
      const problem = await problemOf(response);
      return problem === null || response.status >= 500
        ? { kind: 'unreachable', offline: false }
        : { kind: 'problem', problem };
    } catch {
      return { kind: 'unreachable', offline: !navigator.onLine };
    }
  }
  const warmed = new Map<string, { answer: Promise<Answer<unknown>>; at_ms: number }>();
  const send = <T>(path: string, asked: Request = {}): Promise<Answer<T>> => {
    const found = asked.method === undefined ? warmed.get(path) : undefined;
    warmed.delete(path);
    // An act may change every answer: signing in does.
    if (asked.method !== undefined) warmed.clear();
    // An answer from before somebody signed in, say, is worth nothing later.
    const started = found && performance.now() - found.at_ms < WARM_MS ? found.answer : undefined;
    return (
      (started as Promise<Answer<T>> | undefined) ??
      request<T>(path, asked, async (response) => (response.status === 204 ? null : await response.json()) as T)
    );
  };
  return {
    send,
    bytes: (path) => request(path, {}, async (response) => new Uint8Array(await response.arrayBuffer())),
    warm: (path) => {
      warmed.set(path, { answer: send(path), at_ms: performance.now() });
    },
    enter: (secret) => {
      bearer = secret;
      // What was asked as nobody is no answer for somebody.
      warmed.clear();
    },
    leave: () => {
      bearer = null;
      warmed.clear();
    },
    isElsewhere,
  };
}

/** The problem document of an answer; null when something between us and the companion answered instead. */
async function problemOf(response: Response): Promise<Problem | null> {
  if (!response.headers.get('Content-Type')?.startsWith('application/problem+json')) return null;
  const document = (await response.json()) as Partial<Problem>;
  if (typeof document.code !== 'string') return null;
  return { ...document, code: document.code, status: response.status, detail: document.detail ?? '' };
}

/** What config.json beside the page says. */
export interface Config {
  /** The address that `/v1/…` stands under. */
  base: URL;
  /** The companion's own page is told where the page is that people use every day, if that is another one. */
  pageUrl: string | null;
  /** The one address under which the companion takes what this page sends; null where nothing says it. */
  publicUrl: string | null;
  /** The ways in besides passkeys: the organisation's own sign-in by its name, and a proxy that says who it is. */
  signIn: { oidc: string | null; proxy: boolean };
}

interface Said {
  api_base?: unknown;
  page_url?: unknown;
  public_url?: unknown;
  sign_in?: { oidc?: { label?: unknown } | null; proxy?: unknown };
}

/** Without config.json the API is where the page itself is. */
export async function findConfig(page: URL): Promise<Config> {
  const here = new URL('.', page);
  const config: Config = { base: here, pageUrl: null, publicUrl: null, signIn: { oidc: null, proxy: false } };
  try {
    // index.html asks for it early; another cache mode would ask a second time.
    const response = await fetch(new URL('config.json', here));
    const { api_base, page_url, public_url, sign_in } = (await response.json()) as Said;
    const label = sign_in?.oidc?.label;
    if (isAddress(api_base)) config.base = new URL(api_base.replace(/\/*$/, '/'), here);
    if (isAddress(page_url)) config.pageUrl = page_url.replace(/\/+$/, '');
    if (isAddress(public_url)) config.publicUrl = public_url.replace(/\/+$/, '');
    config.signIn = { oidc: typeof label === 'string' ? label : null, proxy: sign_in?.proxy === true };
  } catch {
    // No such file: a plain static host. The API calls will tell whether the companion is there.
  }
  return config;
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

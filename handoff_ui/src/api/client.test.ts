import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createClient, findConfig } from './client';

const asked: { url: string; init: RequestInit }[] = [];
let answers: Record<string, unknown> = {};

beforeEach(() => {
  asked.length = 0;
  answers = {};
  vi.stubGlobal('window', { location: new URL('https://page.example/') });
  vi.stubGlobal('fetch', (url: URL, init: RequestInit = {}) => {
    asked.push({ url: url.href, init });
    const body = answers[url.pathname];
    return Promise.resolve(
      body === undefined ? new Response('', { status: 404 }) : new Response(JSON.stringify(body), { status: 200 }),
    );
  });
});
afterEach(() => vi.unstubAllGlobals());

const sentBearer = (): unknown => (asked.at(-1)?.init.headers as Record<string, string>).Authorization;

describe('a companion on another origin', () => {
  it('L9: gets no cookie, and the bearer only from the moment it is there until it is forgotten', async () => {
    const client = createClient(new URL('https://handoff.example/'));
    expect(client.isElsewhere).toBe(true);
    await client.send('/v1/sessions/current');
    expect(asked.at(-1)?.init.credentials).toBe('omit');
    expect(sentBearer()).toBeUndefined();
    client.enter('hb_secret');
    await client.send('/v1/sessions/current');
    expect(sentBearer()).toBe('Bearer hb_secret');
    await client.bytes('/v1/handoffs/ho_1/blobs/00');
    expect(sentBearer()).toBe('Bearer hb_secret');
    client.leave();
    await client.send('/v1/sessions/current');
    expect(sentBearer()).toBeUndefined();
  });

  it('L9: is never asked with another method, redirect or cache than by the page itself', async () => {
    const client = createClient(new URL('https://handoff.example/'));
    await client.send('/v1/sessions/current');
    expect(asked.at(-1)?.init).toMatchObject({ redirect: 'error', cache: 'no-store', method: 'GET' });
  });
});

describe('the companion that serves the page', () => {
  it('gets its cookie, and no bearer', async () => {
    const client = createClient(new URL('https://page.example/'));
    expect(client.isElsewhere).toBe(false);
    await client.send('/v1/sessions/current');
    expect(asked.at(-1)?.init.credentials).toBe('same-origin');
    expect(sentBearer()).toBeUndefined();
  });

  it('is asked again after an act: what it said to nobody is no answer for who has just signed in', async () => {
    const client = createClient(new URL('https://page.example/'));
    client.warm('/v1/pauses');
    await client.send('/v1/sign-ins/passkey', { method: 'POST', body: {} });
    await client.send('/v1/pauses');
    expect(asked.map(({ url }) => new URL(url).pathname)).toEqual(['/v1/pauses', '/v1/sign-ins/passkey', '/v1/pauses']);
  });

  it('is asked once for what was asked for early', async () => {
    const client = createClient(new URL('https://page.example/'));
    client.warm('/v1/pauses');
    await client.send('/v1/pauses');
    expect(asked).toHaveLength(1);
  });
});

describe('config.json', () => {
  const page = new URL('https://page.example/sub/index.html');
  const found = (config: unknown): ReturnType<typeof findConfig> => {
    answers['/sub/config.json'] = config;
    return findConfig(page);
  };

  it('R-SHAPE-06: names the companion, wherever it is', async () => {
    expect((await found({ api_base: 'https://handoff.example/x' })).base.href).toBe('https://handoff.example/x/');
    expect((await found({ api_base: '' })).base.href).toBe('https://page.example/sub/');
  });

  it.each([
    undefined,
    null,
    7,
    [],
    { api_base: 7, page_url: [], public_url: {}, sign_in: 'x' },
    { sign_in: { oidc: { label: 1 } } },
  ])('that says nothing of use (%j) leaves the page with the companion that serves it', async (config) => {
    expect(await found(config)).toEqual({
      base: new URL('https://page.example/sub/'),
      pageUrl: null,
      publicUrl: null,
      signIn: { oidc: null, proxy: false },
    });
  });

  it('names the other ways to sign in', async () => {
    const { signIn, pageUrl } = await found({
      page_url: 'https://pages.example/',
      sign_in: { passkey: true, oidc: { label: 'id.example' }, proxy: true },
    });
    expect(signIn).toEqual({ oidc: 'id.example', proxy: true });
    expect(pageUrl).toBe('https://pages.example');
  });
});

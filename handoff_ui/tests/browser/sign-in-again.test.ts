/** What was typed and not sent, over a sign-in that leaves the page (decision 0014). */
import type { Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DESK_CASES } from '../../dev/fixtures/desk-cases.mjs';
import { act, check, main } from './desk-page';
import { caseAt, createWorld, press, type World } from './world';

/** Where the companion is, as the page sees it: another origin than its own. */
const THERE = 'https://companion.test';
const ENDED = { code: 'not_signed_in', title: 'Sign in', status: 401, detail: 'Sign in first.' };

let world: World;
let elsewhere: Page | undefined;
beforeEach(async () => {
  await world?.close();
  // The CSP names the real companion only.
  world = await createWorld({ definitions: DESK_CASES, csp: false });
});
// An answer that is still being fetched for a page when that is closed is nobody's fault.
afterEach(async () => {
  await elsewhere?.unrouteAll({ behavior: 'ignoreErrors' });
  elsewhere = undefined;
});
afterAll(() => world.close());

interface Desk {
  page: Page;
  /** Ends the session: the next answers say so. */
  end: () => void;
  /** Who signs in next. */
  next: (who: 'mara' | 'jonas') => void;
}

/** A case on a page that is served elsewhere than its companion; signing in there leads back at once. */
async function openElsewhere(name: string): Promise<Desk> {
  const page = await world.open('#/x');
  elsewhere = page;
  let [who, isSignedIn] = ['mara', true];
  const forward = async (route: Route): Promise<void> => {
    const { pathname, search } = new URL(route.request().url());
    const headers = {
      ...(await route.request().allHeaders()),
      cookie: `fixture_who=${who}`,
      origin: new URL(world.url).origin,
    };
    const cors = {
      'access-control-allow-origin': new URL(world.url).origin,
      'access-control-expose-headers': 'ETag, Date',
    };
    const problem = {
      status: 401,
      contentType: 'application/problem+json',
      headers: cors,
      body: JSON.stringify(ENDED),
    };
    if (pathname === '/') {
      const back = `<script>location.replace('${world.url}#/signed-in?code=once')</script>`;
      await route.fulfill({ contentType: 'text/html', body: back });
    } else if (pathname === '/v1/sessions/exchange') {
      isSignedIn = true;
      const found = await route.fetch({ url: `${world.url}v1/sessions/current`, method: 'GET', headers });
      const session = { ...((await found.json()) as object), session: 'hb_fixture' };
      await route.fulfill({ json: session, headers: cors });
    } else if (!isSignedIn) await route.fulfill(problem);
    else {
      const response = await route.fetch({ url: `${world.url}${pathname.slice(1)}${search}`, headers });
      await route.fulfill({ response, headers: { ...response.headers(), ...cors } });
    }
  };
  await page.route('**/config.json', (route) => route.fulfill({ json: { api_base: THERE } }));
  await page.route(`${THERE}/**`, forward);
  await page.goto('about:blank');
  await page.goto(`${world.url}${caseAt(name)}`);
  await page.locator('.panes').waitFor();
  return { page, end: () => (isSignedIn = false), next: (name) => (who = name) };
}

const kept = (page: Page) => page.evaluate(() => ({ ...window.sessionStorage, ...window.localStorage }));

/** Signs in where the case says that the session ended, and comes back to it. */
async function signInAgain({ page, end }: Desk): Promise<void> {
  end();
  await page.getByText('Your session ended.').waitFor();
  expect(await kept(page)).toEqual({});
  await press(page, page.getByRole('button', { name: 'Sign in', exact: true }));
  await page.getByText('Your session ended.').waitFor({ state: 'detached' });
  await page.locator('.panes').waitFor();
}

const isBack = (page: Page) => page.getByText('What you had written is back, and not sent yet.');

describe('a page on another origin, whose session ends in mid-case', () => {
  it('gives an edit and the reason for it back, and keeps no copy', async () => {
    const desk = await openElsewhere('edit-rules');
    const { page } = desk;
    await press(page, 'More ways to answer');
    await press(page, 'Edit first');
    await page.getByLabel('Reply').fill('We refund you.');
    await page.getByLabel('Policy violation').check();
    await page.getByLabel('What did you change').fill('Shorter.');
    await signInAgain(desk);
    await isBack(page).waitFor();
    expect(await page.getByLabel('Reply').inputValue()).toBe('We refund you.');
    expect(await page.getByLabel('Policy violation').isChecked()).toBe(true);
    expect(await page.getByLabel('What did you change').inputValue()).toBe('Shorter.');
    expect(await kept(page)).toEqual({});
    await act(page.getByRole('button', { name: 'Approve edited version' }), page.getByText(/You approved an edited/));
  });

  it('gives the answers to the checks and an open form back', async () => {
    const desk = await openElsewhere('two-gates');
    const { page } = desk;
    await check(page, 'Source evidence present', 'Pass');
    await act(main(page, 'Reject'), page.locator('.act-form'));
    await page.getByLabel('What is wrong with it?').fill('It names another order.');
    await signInAgain(desk);
    await isBack(page).waitFor();
    expect(await page.getByLabel('What is wrong with it?').inputValue()).toBe('It names another order.');
    await press(page, 'Back');
    await page.getByText('Answer each check first: 3 open.').waitFor();
  });

  it('gives the corrections of a form back', async () => {
    const desk = await openElsewhere('filled-form');
    const { page } = desk;
    await page.getByLabel('Amount in EUR').fill('35.5');
    await signInAgain(desk);
    await isBack(page).waitFor();
    expect(await page.getByLabel('Amount in EUR').inputValue()).toBe('35.5');
    await page.getByText('1 correction: Amount in EUR.').waitFor();
  });

  it('shows nothing of it to another person who signs in, and erases it', async () => {
    const desk = await openElsewhere('filled-form');
    const { page } = desk;
    await page.getByLabel('Amount in EUR').fill('35.5');
    desk.next('jonas');
    await signInAgain(desk);
    await page.getByRole('link', { name: 'Jonas Weber' }).waitFor();
    expect(await isBack(page).count()).toBe(0);
    expect(await page.getByLabel('Amount in EUR').inputValue()).toBe('40');
    expect(await page.content()).not.toContain('35.5');
    expect(await kept(page)).toEqual({});
  });

  it('writes nothing down where nothing was typed', async () => {
    const desk = await openElsewhere('urgent');
    const written: string[] = [];
    await desk.page.exposeFunction('note', (key: string) => void written.push(key));
    await desk.page.evaluate(() => {
      const { setItem } = Storage.prototype;
      const { note } = window as unknown as { note: (key: string) => void };
      Storage.prototype.setItem = function (key, value) {
        note(key);
        setItem.call(this, key, value);
      };
    });
    await signInAgain(desk);
    expect(await isBack(desk.page).count()).toBe(0);
    expect(written).toEqual(['handoff_trip']);
  });
});

describe('an organisation’s own sign-in, which is another page too', () => {
  it('gives back what was typed', async () => {
    const page = await world.open('#/x');
    let isSignedIn = true;
    await page.route('**/config.json', (route) =>
      route.fulfill({ json: { api_base: '', sign_in: { oidc: { label: 'Nordlicht' } } } }),
    );
    await page.route('**/v1/**', (route) =>
      isSignedIn
        ? route.fallback()
        : route.fulfill({ status: 401, contentType: 'application/problem+json', body: JSON.stringify(ENDED) }),
    );
    await page.route('**/v1/sign-ins/oidc**', (route) => {
      isSignedIn = true;
      const back = new URL(route.request().url()).searchParams.get('back');
      const body = `<script>location.replace('${world.url}#${back}')</script>`;
      return route.fulfill({ contentType: 'text/html', body });
    });
    await page.goto('about:blank');
    await page.goto(`${world.url}${caseAt('filled-form')}`);
    await page.getByLabel('Amount in EUR').fill('35.5');
    isSignedIn = false;
    await page.getByRole('link', { name: 'Sign in with Nordlicht' }).click();
    await isBack(page).waitFor();
    expect(await page.getByLabel('Amount in EUR').inputValue()).toBe('35.5');
    expect(await kept(page)).toEqual({});
  });
});

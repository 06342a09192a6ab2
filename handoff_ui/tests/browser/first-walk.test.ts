// What a newcomer meets first: an enrolment link that fails for now, another name of the same machine.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { createWorld, typeToConfirm, type World } from './world';

const LINK = '#/enrol/he_fixture';
const DEAD = 'This enrolment link does not work any more.';
const THERE = 'http://desk.example:8700';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

async function confirm(page: Page): Promise<void> {
  await typeToConfirm(page, 'mine');
}

async function refuse(page: Page, status: number, code: string): Promise<void> {
  await page.route('**/v1/enrolments', (route) =>
    route.fulfill({ status, contentType: 'application/problem+json', body: JSON.stringify({ code, detail: code }) }),
  );
}

describe('an enrolment link', () => {
  it.each([
    [429, 'too_many_requests', 'Too many tries just now.'],
    [503, 'store_unavailable', 'Handoff does not answer.'],
    [403, 'origin_refused', 'Handoff does not take this from here.'],
  ])('is not called dead where Handoff only refuses for now: %i', async (status, code, title) => {
    const page = await world.open(LINK, { who: 'none' });
    await refuse(page, status, code);
    await confirm(page);
    await page.getByText(title).waitFor();
    await page.getByText('Your link is still good.').waitFor();
    expect(await page.getByText(DEAD).count()).toBe(0);
    await page.unroute('**/v1/enrolments');
    await confirm(page);
    await page.getByText('Welcome, Mara Lind.').waitFor();
  });

  it('that was used says so', async () => {
    const page = await world.open('#/enrol/he_used', { who: 'none' });
    await confirm(page);
    await page.getByText(DEAD).waitFor();
  });

  it('is asked for again after a reload, which finds none in the address', async () => {
    const page = await world.open(LINK, { who: 'none' });
    await page.getByText('Sign this browser in to Handoff?').waitFor();
    await page.reload();
    await page.getByText('Open your enrolment link again, as you got it.').waitFor();
    expect(await page.getByText(DEAD).count()).toBe(0);
  });

  it('of somebody else tells who is signed out by it', async () => {
    const page = await world.open(LINK, { who: 'jonas' });
    await page.getByText('You are Jonas Weber here.').waitFor();
  });
});

describe('the page under another name of the machine', () => {
  it.each([
    ['#/inbox', `${THERE}/#/inbox`],
    [LINK, `${THERE}/${LINK}`],
  ])('says where Handoff is, with a link: %s', async (address, target) => {
    const page = await world.open('#/x', { who: 'none' });
    await page.route('**/config.json', (route) => route.fulfill({ json: { api_base: '', public_url: THERE } }));
    await page.goto('about:blank');
    await page.goto(`${world.url}${address}`);
    await page.getByRole('heading', { name: `Open Handoff as ${THERE}` }).waitFor();
    expect(await page.getByRole('link', { name: THERE }).getAttribute('href')).toBe(target);
    expect(await page.getByRole('slider').count()).toBe(0);
  });
});

import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JONAS, MARA } from '../../dev/fixtures/cases.mjs';
import { axeFindings, caseAt, createWorld, idOf, press, type World } from './world';

const ask = (name: string, more: object = {}): object => ({
  name,
  workflow: 'orders',
  title: `Order ${name}`,
  question: `Send order ${name}?`,
  request: { text: 'r' },
  model_output: { text: 'o' },
  ...more,
});

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const questions = (page: Page) => page.locator('.row__link').allInnerTexts();
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent);
/**
 * The list is asked for again at once when the network is said to be back; where it is just being asked for, ten
 * seconds later. What this waits for is a question from now on: one that was under way knows nothing of what changed.
 */
const refresh = async (page: Page): Promise<void> => {
  const isList = (url: string): boolean => url.includes('/v1/handoffs?state=open&limit=100');
  const asked = page.waitForRequest((request) => isList(request.url()), { timeout: 20_000 });
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await (await asked).response();
};

describe('R-UI-21: the queue', () => {
  it('tells of each case what is asked, why it waits, what is at stake, how old it is, what is left, and whose it is', async () => {
    Object.assign(world.companion.find(idOf('fraud-score')), {
      assignee: { id: JONAS.id, name: JONAS.name, since: '2026-11-21T08:00:00.000Z' },
      stage: 'triage',
      dueMs: Date.now() + 9.5 * 60_000,
    });
    const page = await world.open('#/inbox');
    const first = page.locator('.row').first();
    const words = await first.innerText();
    for (const word of ['Block this card payment', 'Card fraud', 'to be sorted', 'level 2', 'financial effect'])
      expect(words).toContain(word);
    for (const word of ['Critical risk', 'The customer cannot pay', '3 min', '9 min', 'Jonas Weber'])
      expect(words).toContain(word);
    expect(await first.locator('.deadline').getAttribute('data-urgency')).toBe('urgent');
  });

  it('R-STORE-11: shows the cases in the order in which the companion serves them', async () => {
    const page = await world.open('#/inbox');
    await page.locator('.row').first().waitFor();
    const served = world.companion.list(new URLSearchParams('state=open'), { reviewer: MARA }).items;
    expect(await questions(page)).toEqual(served.map(({ question }: { question: string }) => question));
  });

  it('narrows by each filter, in the address, so that the same view opens elsewhere', async () => {
    const page = await world.open('#/inbox');
    await page.locator('.row').first().waitFor();
    await page.getByLabel('Risk').selectOption({ label: 'High risk' });
    await expect.poll(() => questions(page)).toHaveLength(2);
    await page.getByLabel('Workflow').selectOption({ label: 'Invoice check' });
    await expect.poll(() => questions(page)).toEqual(['Pay this invoice of 4,210.00 EUR?']);
    const address = new URL(page.url()).hash;
    expect(address).toBe('#/inbox?workflow_id=invoice-check&risk_tier=high');
    const other = await world.open(address, { who: 'jonas' });
    await expect.poll(() => questions(other)).toEqual(['Pay this invoice of 4,210.00 EUR?']);
    await other.getByRole('link', { name: 'Show all' }).click();
    await expect.poll(() => questions(other)).not.toHaveLength(1);
  });

  it('finds words, without a step back in the history for every letter', async () => {
    const page = await world.open('#/inbox');
    await page.locator('.row').first().waitFor();
    const steps = await page.evaluate(() => history.length);
    await page.keyboard.press('/');
    await page.keyboard.type('invoice');
    await expect.poll(() => questions(page)).toHaveLength(2);
    // The first letters alone find the same two: the address tells that the last ones were heard.
    await expect.poll(() => new URL(page.url()).hash).toBe('#/inbox?q=invoice');
    expect(await page.evaluate(() => history.length)).toBe(steps);
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe('invoice');
    await page.keyboard.type(' of nobody');
    await page.getByText('Nothing that waits says “invoice of nobody”.').waitFor();
    await page.getByRole('link', { name: 'Show everything that waits' }).click();
    await page.locator('.row').nth(20).waitFor();
    expect(await page.getByLabel('Search').inputValue()).toBe('');
  });

  it('shows what is one’s own, and says whose a held case is', async () => {
    world.companion.find(idOf('files')).assignee = { id: MARA.id, name: MARA.name, since: '2026-11-21T08:00:00.000Z' };
    const page = await world.open('#/inbox');
    await page.getByText('Jonas Weber has it now').waitFor();
    await page.getByRole('link', { name: 'Yours' }).click();
    await expect.poll(() => questions(page)).toEqual(['Pay this invoice of 4,210.00 EUR?']);
    expect(await page.locator('.row__owner').innerText()).toContain('You');
  });
});

describe('what is counted', () => {
  it('is what this person may act on, as Next counts it, and what waits for others is said beside it', async () => {
    const page = await world.open('#/inbox');
    await page.getByRole('heading', { name: '25 cases wait' }).waitFor();
    await page.getByText('And 1 for others.').waitFor();
    await page.getByLabel('Risk').selectOption({ label: 'High risk' });
    await page.getByRole('heading', { name: '2 cases wait' }).waitFor();
    expect(await page.title()).toBe('(25) Waiting – Handoff');
    await page.goto(`${world.url}${caseAt('group-item-3')}`);
    await page.goto(`${world.url}#/inbox`);
    await page.getByRole('heading', { name: '25 cases wait' }).waitFor();
    await page.goto(`${world.url}${caseAt('group-item-3')}`);
    await press(page, 'Approve and send');
    await page.getByRole('link', { name: 'Next (24 waiting)' }).waitFor();
  });

  it('of one’s own cases says that they are one’s own', async () => {
    world.companion.find(idOf('files')).assignee = { id: MARA.id, name: MARA.name, since: '2026-11-21T08:00:00.000Z' };
    const page = await world.open('#/inbox?mine=true');
    await page.getByRole('heading', { name: '1 case is yours' }).waitFor();
  });

  it('says how sure the model was only where one spoke', async () => {
    world.companion.find(idOf('no-confidence')).subject = 'pa_00';
    const page = await world.open('#/inbox');
    const row = page.locator(`[data-id="${idOf('no-confidence')}"]`);
    await row.waitFor();
    expect(await row.innerText()).not.toContain('confidence');
  });
});

describe('back from a case', () => {
  it('keeps the row and the place on the page, or goes to the row below where that one left', async () => {
    const page = await world.open('#/inbox', { viewport: { width: 1440, height: 500 } });
    const nineteenth = page.locator('.row__link').nth(19);
    const [question, below] = [await nineteenth.innerText(), await page.locator('.row__link').nth(20).innerText()];
    await nineteenth.focus();
    const top = await page.evaluate(() => window.scrollY);
    expect(top).toBeGreaterThan(100);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: question }).waitFor();
    await page.goBack();
    await expect.poll(() => focused(page)).toBe(question);
    expect(await page.evaluate(() => window.scrollY)).toBe(top);
    const id = await page.locator('.row:focus-within').getAttribute('data-id');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: question }).waitFor();
    world.companion.change(id as string, { state: 'withdrawn' });
    await page.goBack();
    await expect.poll(() => focused(page)).toBe(below);
  });
});

describe('the list holds still', () => {
  it('no row moves under the pointer: what came is counted, what left is marked', async () => {
    const page = await world.open('#/inbox');
    await page.locator('.row').nth(2).hover();
    const before = await questions(page);
    world.companion.change(idOf('hostile-text'), { state: 'withdrawn' });
    const late = await createWorld({ definitions: [ask('late', { metadata: { risk_tier: 'critical' }, leftMin: 1 })] });
    world.companion.cases.set(idOf('late'), late.companion.find(idOf('late')));
    await late.close();
    await refresh(page);
    await page.getByText('waits no more').waitFor();
    expect(await questions(page)).toEqual(before);
    expect(await page.title()).toContain('(25)');
    await press(page, 'Show 1 new case');
    await expect.poll(() => questions(page)).toContain('Send order late?');
    expect(await page.getByText('waits no more').count()).toBe(0);
    await expect.poll(() => focused(page)).toBe('Send order late?');
  });

  it('says politely that new cases came, once', async () => {
    const page = await world.open('#/inbox');
    await page.locator('.row').first().waitFor();
    const status = page.locator('.inbox__head [role=status]');
    expect(await status.innerText()).toBe('');
    world.companion.change(idOf('approved'), { state: 'pending', decision: null });
    await refresh(page);
    await expect.poll(() => status.innerText()).toMatch(/^1 new case\. \d+ in all\.$/);
  });

  it('asks with the tag of what it has, and draws nothing anew when nothing changed', async () => {
    const page = await world.open('#/inbox');
    await page.locator('.row').first().waitFor();
    const answered = page.waitForResponse((response) => response.url().includes('state=open&limit=100'));
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    expect((await answered).status()).toBe(304);
  });
});

describe('the tab', () => {
  it('tells how many wait, also while nobody looks at it', async () => {
    const page = await world.open('#/x');
    await page.addInitScript(() => {
      Object.defineProperty(document, 'hidden', { get: () => true });
      const later = window.setTimeout.bind(window);
      // An hour in the background takes no hour here.
      window.setTimeout = ((act: () => void, ms: number) =>
        later(act, ms >= 60_000 ? 200 : ms)) as typeof window.setTimeout;
    });
    await page.goto('about:blank');
    await page.goto(`${world.url}#/inbox`);
    await expect.poll(() => page.title(), { timeout: 10_000 }).toMatch(/^\(25\) Waiting – Handoff$/);
    world.companion.change(idOf('files'), { state: 'withdrawn' });
    await expect.poll(() => page.title()).toMatch(/^\(24\) /);
  });
});

describe('next', () => {
  it('stays in the view one came from, skips what others hold, and leads back to that view', async () => {
    world.companion.find(idOf('group-item-2')).claim = { by: JONAS, untilMs: Date.now() + 600_000 };
    const page = await world.open('#/inbox?q=of+4%3F');
    await expect
      .poll(() => questions(page))
      .toEqual(['Send summary 2 of 4?', 'Send summary 3 of 4?', 'Send summary 4 of 4?']);
    await page.goto(`${world.url}${caseAt('group-item-3')}`);
    await page.reload();
    await press(page, 'Approve and send');
    const next = page.getByRole('link', { name: 'Next (1 waiting)' });
    await next.waitFor();
    expect(await next.evaluate((link) => link === document.activeElement)).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Send summary 4 of 4?' }).waitFor();
    await press(page, 'Approve and send');
    // The view has nothing left that this person may do: then it goes on with all that waits, and says so.
    await page.getByRole('link', { name: 'Next, of all (22 waiting)' }).waitFor();
    await page.locator('.head__path').getByRole('link', { name: 'Inbox' }).click();
    await expect.poll(() => questions(page)).toEqual(['Send summary 2 of 4?']);
  });
});

describe('what goes wrong', () => {
  it('offline, the list stays and says that it may be out of date, and no row moves', async () => {
    const page = await world.open('#/inbox');
    const top = async () => (await page.locator('.row').first().boundingBox())?.y;
    const before = await top();
    world.companion.down = true;
    await refresh(page);
    await page.getByText('Handoff does not answer right now.').waitFor();
    expect(await top()).toBe(before);
    world.companion.down = false;
    await refresh(page);
    await page.getByText('Handoff does not answer right now.').waitFor({ state: 'detached' });
  });

  it('a session that ended leads to the sign-in, and back to the same view', async () => {
    const page = await world.open('#/inbox?risk_tier=high');
    await page.locator('.row').first().waitFor();
    await page.context().addCookies([{ name: 'fixture_who', value: 'none', url: world.url }]);
    await refresh(page);
    await page.locator('.row').first().waitFor({ state: 'detached' });
    expect(new URL(page.url()).hash).toBe('#/inbox?risk_tier=high');
    await page.context().addCookies([{ name: 'fixture_who', value: 'mara', url: world.url }]);
    await page.reload();
    await expect.poll(() => questions(page)).toHaveLength(2);
  });
});

describe('two hundred cases', () => {
  const many = Array.from({ length: 200 }, (_, at) => ask(`n${1000 + at}`, { leftMin: 60 + at }));

  it('can be walked by key, and axe finds nothing', async () => {
    await world.close();
    world = await createWorld({ definitions: many });
    const page = await world.open('#/inbox');
    await press(page, 'Show more');
    await expect.poll(() => questions(page)).toHaveLength(200);
    for (const name of ['n1000', 'n1001', 'n1002']) {
      await page.keyboard.press('j');
      expect(await focused(page)).toBe(`Send order ${name}?`);
    }
    expect(await axeFindings(page)).toEqual([]);
  });
});

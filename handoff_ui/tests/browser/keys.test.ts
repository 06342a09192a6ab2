import type { Page } from 'playwright-core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { holdBack } from './moments';
import { caseAt, createWorld, idOf, press, strike, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createWorld();
});
afterAll(() => world.close());

/** Where the focus is in the moment in which `key` makes the form come or go. */
const focusAt = (page: Page, isThere: boolean, key: string): Promise<string | null> =>
  page.evaluate(
    ([wanted, struck]) =>
      new Promise((tell) => {
        new MutationObserver((_, looks) => {
          const [form, at] = [document.querySelector('.act-form'), document.activeElement];
          if ((form !== null) !== wanted) return;
          looks.disconnect();
          tell(form?.contains(at) === true ? 'in the form' : (at?.getAttribute('name') ?? null));
        }).observe(document.body, { childList: true, subtree: true });
        document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key: struck, bubbles: true }));
      }),
    [isThere, key] as const,
  );

describe('every act by keyboard', () => {
  it('j and k walk the inbox, Enter opens, j goes on to the next case', async () => {
    const page = await world.open('#/inbox');
    await page.locator('.row__link').first().waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent);
    await page.keyboard.press('j');
    await expect.poll(focused).toContain('Block this card payment');
    await page.keyboard.press('j');
    await expect.poll(focused).toContain('Refund 40 EUR');
    await page.keyboard.press('k');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Block this card payment' }).waitFor();
    await page.keyboard.press('j');
    await page.getByRole('heading', { name: 'Refund 40 EUR' }).waitFor();
  });

  it.each([
    ['r', 'Reject'],
    ['x', 'Hand it on'],
    ['i', 'Ask a question'],
    ['n', 'Leave a note'],
    ['e', 'Approve your edited version'],
  ])('%s opens “%s”, focus goes into it, Escape closes it, and nothing was sent', async (key, title) => {
    const page = await world.open(caseAt('summarize-email'));
    await page.getByRole('button', { name: 'Approve and send' }).waitFor();
    await page.keyboard.press(key);
    await page.getByRole('heading', { name: title, exact: true }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.closest('.act-form, .side') !== null)).toBe(true);
    await page.locator('.act-form').press('Escape');
    await page.getByRole('heading', { name: title, exact: true }).waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement !== document.body)).toBe(true);
    expect(world.companion.find(idOf('summarize-email')).version).toBe(1);
  });

  it('the focus moves in the frame in which a form opens or closes: a key that follows at once is not lost', async () => {
    const page = await world.open(caseAt('summarize-email'));
    await page.getByRole('button', { name: 'Approve and send' }).waitFor();
    expect(await focusAt(page, true, 'r')).toBe('in the form');
    expect(await focusAt(page, false, 'Escape')).toBe('reject');
  });

  it('a approves once the page is at rest, and not before', async () => {
    const page = await world.open(caseAt('no-confidence'));
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    await page.evaluate(() => {
      window.dispatchEvent(new Event('resize'));
      document.dispatchEvent(new KeyboardEvent('keydown', { key: 'a' }));
    });
    await page.getByText('The page had just changed.').waitFor();
    expect(world.companion.find(idOf('no-confidence')).decision).toBeNull();
    await strike(page, 'a');
    await page.getByText(/You approved this at/).waitFor();
  });

  it('Enter goes on to the next case, also where it is struck before it is known which one that is', async () => {
    const page = await world.open(caseAt('no-confidence'));
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    const { letGo } = await holdBack(page, /claimable=true/);
    await strike(page, 'a');
    await page.getByText(/You approved this at/).waitFor();
    await page.waitForFunction(() => document.activeElement?.textContent === 'One moment…');
    await page.keyboard.press('Enter');
    letGo();
    await page.getByRole('heading', { name: 'Block this card payment' }).waitFor();
  });

  it('keys rest while somebody types, and can be switched off (WCAG 2.1.4)', async () => {
    const page = await world.open(caseAt('no-confidence'));
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    await page.keyboard.press('n');
    await page.getByLabel('It decides nothing').pressSequentially('a rare jackal');
    expect(world.companion.find(idOf('no-confidence')).decision).toBeNull();
    expect(await page.getByLabel('It decides nothing').inputValue()).toBe('a rare jackal');
    await page.locator('.act-form').press('Escape');
    await page.keyboard.press('?');
    await page.getByLabel('Use single keys').uncheck();
    await press(page, 'Close');
    await page.waitForTimeout(700);
    await page.keyboard.press('a');
    await page.waitForTimeout(400);
    expect(world.companion.find(idOf('no-confidence')).decision).toBeNull();
  });

  it('c takes the case and gives it back', async () => {
    const page = await world.open(caseAt('summarize-email'));
    await press(page, 'More ways to answer');
    await page.getByRole('button', { name: 'Keep it for me' }).waitFor();
    await page.keyboard.press('c');
    await page.getByText('Yours for 15 minutes.').waitFor();
    await page.keyboard.press('c');
    await page.getByText('Given back.').waitFor();
    expect(world.companion.find(idOf('summarize-email')).state).toBe('pending');
  });
});

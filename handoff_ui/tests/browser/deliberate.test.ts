import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { caseAt, createWorld, idOf, press, strike, tooEarly, type World } from './world';

const LINK = `${caseAt('nested')}?by=rv_mara000000000000&gen=1&mac=fixture`;

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createWorld();
});
afterAll(() => world.close());

const decision = (name: string): unknown => world.companion.find(idOf(name)).decision;

/** A mail scanner with a browser: waits, fills every field, ticks and clicks everything, and starts again. */
async function scan(page: Page): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    await page.waitForTimeout(700);
    for (const field of await page.locator('input:not([type=radio]):not([type=checkbox]), textarea').all()) {
      await field.fill('scanner', { timeout: 500 }).catch(() => undefined);
      await field.press('Enter', { timeout: 500 }).catch(() => undefined);
    }
    for (const box of await page.locator('input[type=radio], input[type=checkbox]').all())
      await box.check({ timeout: 500 }).catch(() => undefined);
    await page.evaluate(() => document.querySelectorAll('form').forEach((form) => form.requestSubmit()));
    for (const button of await page.locator('button:visible').all()) {
      const name = await button.innerText({ timeout: 500 }).catch(() => '');
      if (!/Sign out|Keys|Back|Stop/.test(name)) await button.click({ timeout: 900 }).catch(() => undefined);
    }
    await page.evaluate(() => document.querySelectorAll('button').forEach((button) => button.click()));
    await page.evaluate(() => {
      for (const type of ['pointerdown', 'keydown']) {
        for (const button of document.querySelectorAll('.hold__button, .slide__handle'))
          button.dispatchEvent(
            new (type === 'keydown' ? KeyboardEvent : PointerEvent)(type, { bubbles: true, key: ' ' } as never),
          );
      }
    });
    for (const button of await page.locator('button:visible, .slide__handle, .slide__track').all())
      await hold(page, button);
    await page.waitForTimeout(1400);
  }
}

/** With the real pointer, for longer than any hold takes. */
async function hold(page: Page, button: Locator): Promise<void> {
  const isOut = /Sign out|Keys|Back|Stop/.test(await button.innerText({ timeout: 500 }).catch(() => ''));
  if (
    isOut ||
    !(await button.hover({ timeout: 500 }).then(
      () => true,
      () => false,
    ))
  )
    return;
  await page.mouse.down();
  await page.waitForTimeout(1600);
  await page.mouse.up();
}

/** As somebody does who means it: from the left end to the right one. */
async function slide(page: Page, far = 1): Promise<void> {
  const [handle, track] = [page.locator('.slide__handle'), page.locator('.slide__track')];
  await handle.scrollIntoViewIfNeeded();
  await page.locator('.slide__track[data-resting=false]').waitFor();
  const [from, bar] = [await handle.boundingBox(), await track.boundingBox()];
  if (!from || !bar) throw new Error('There is nothing to slide.');
  const y = from.y + from.height / 2;
  await page.mouse.move(from.x + 10, y);
  await page.mouse.down();
  await page.mouse.move(from.x + 10 + (bar.width - from.width) * far, y, { steps: 8 });
  await page.mouse.up();
  // As a person does who reads that it came too early.
  if (far === 1 && (await tooEarly(page).isVisible())) await slide(page, far);
}

describe('a personal link', () => {
  it('L6: its secret leaves the address and the history at once', async () => {
    const page = await world.open(LINK, { who: 'none' });
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    expect(page.url()).toBe(`${world.url}${caseAt('nested')}`);
    await page.reload();
    await page.getByRole('button', { name: 'Approve' }).waitFor();
  });

  it('L2: a scanner that runs scripts, clicks and holds every button and fills every field decides nothing', async () => {
    const page = await world.open(LINK, { who: 'none' });
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    await scan(page);
    expect(decision('nested')).toBeNull();
  });

  it('L2: nor does one that opens an enrolment link sign anybody in', async () => {
    const page = await world.open('#/enrol/he_fixture', { who: 'none' });
    await page.getByRole('heading', { name: 'Sign this browser in' }).waitFor();
    await scan(page);
    expect(await page.getByText('Welcome').count()).toBe(0);
  });

  it('fifty openings burn nothing; sliding to the end then decides once, and half of the way does not', async () => {
    const page = await world.open(LINK, { who: 'none' });
    for (let times = 0; times < 50; times += 1) await page.evaluate((address) => fetch(address), `${world.url}`);
    await press(page, 'Approve');
    await page.waitForTimeout(700);
    await slide(page, 0.6);
    await page.waitForTimeout(300);
    expect(decision('nested')).toBeNull();
    await slide(page);
    await page.getByText(/You approved this at/).waitFor();
    await page.getByText('You can close this page.').waitFor();
  });

  it('the word that is shown can be typed instead', async () => {
    const page = await world.open(LINK, { who: 'none' });
    await press(page, 'Approve');
    await page.waitForTimeout(700);
    await page.getByLabel('Type maple to confirm').fill('apple');
    await page.keyboard.press('Enter');
    await page.getByText('That is another word.').waitFor();
    await page.getByLabel('Type maple to confirm').fill('Maple');
    await strike(page, 'Enter');
    await page.getByText(/You approved this at/).waitFor();

    const enrolling = await world.open('#/enrol/he_fixture', { who: 'none' });
    await enrolling.waitForTimeout(700);
    await slide(enrolling);
    await enrolling.getByText('Welcome, Mara Lind.').waitFor();
  });

  it('a case that needs more than a link says so and offers no decision', async () => {
    const page = await world.open(`${caseAt('summarize-email')}?by=rv_mara000000000000&gen=1&mac=fixture`, {
      who: 'none',
    });
    await page.getByText('This case needs you to be signed in').waitFor();
    await scan(page);
    expect(decision('summarize-email')).toBeNull();
  });

  it('does not lower a session that is worth more', async () => {
    const page = await world.open(LINK, { who: 'mara' });
    await press(page, 'Approve');
    await page.getByText(/You approved this at/).waitFor();
  });
});

describe('L10: buttons rest after the page moved', () => {
  const restedButton = (page: Page): Locator =>
    page.locator('[data-guarded][data-resting=false]', { hasText: 'Approve' });

  it('a press in the moment in which a case shows decides nothing, and says so', async () => {
    const page = await world.open('#/inbox');
    await page.locator('.row').first().waitFor();
    await page.evaluate(
      (address) =>
        new Promise<void>((pressed) => {
          new MutationObserver((_, looks) => {
            const all = [...document.querySelectorAll<HTMLElement>('.actions__main button')];
            const button = all.find(({ textContent }) => textContent?.startsWith('Approve'));
            if (button === undefined) return;
            looks.disconnect();
            button.click();
            pressed();
          }).observe(document.body, { childList: true, subtree: true });
          window.location.hash = address;
        }),
      caseAt('no-confidence'),
    );
    await page.getByText('The page had just changed. Press again.').waitFor();
    expect(decision('no-confidence')).toBeNull();
  });

  it.each(['focus', 'resize'])('nor right after %s; half a second later it does', async (event) => {
    const page = await world.open(caseAt('no-confidence'));
    await restedButton(page).waitFor();
    // In one go: a round trip to a busy browser can take longer than the rest.
    await restedButton(page).evaluate((button, name) => {
      window.dispatchEvent(new Event(name));
      (button as HTMLElement).click();
    }, event);
    await page.getByText('The page had just changed. Press again.').waitFor();
    expect(decision('no-confidence')).toBeNull();
    await press(page, 'Approve');
    await page.getByText(/You approved this at/).waitFor();
  });

  it('nor right after something came in above it, where the page keeps its size', async () => {
    const page = await world.open(caseAt('no-confidence'));
    await restedButton(page).waitFor();
    const [before, after] = await page.evaluate(() => {
      const button = [...document.querySelectorAll('button')].find(({ textContent }) =>
        textContent?.startsWith('Approve'),
      );
      const size = (): number[] => [document.body.offsetWidth, document.body.offsetHeight];
      const [was, note] = [size(), document.createElement('p')];
      note.textContent = 'Somebody wrote a note.';
      button?.parentElement?.prepend(note);
      button?.click();
      return [was, size()];
    });
    expect(after).toEqual(before);
    await page.waitForTimeout(300);
    expect(decision('no-confidence')).toBeNull();
    await press(page, 'Approve');
    await page.getByText(/You approved this at/).waitFor();
  });

  it('a word that is sent too early is answered in its place, and counts when it is sent again', async () => {
    const page = await world.open('#/enrol/he_fixture', { who: 'none' });
    const field = page.getByLabel('Type mine to confirm');
    await field.fill('mine');
    const before = await field.boundingBox();
    // With the key itself: a round trip to a busy browser can take longer than the rest.
    await page.evaluate(() => {
      const move = (): boolean => window.dispatchEvent(new Event('resize'));
      window.addEventListener('keydown', move, { capture: true, once: true });
    });
    await field.press('Enter');
    await page.getByText('The page had just changed. Once more: type').waitFor();
    expect(await field.boundingBox()).toEqual(before);
    await strike(page, 'Enter');
    await page.getByText('Welcome, Mara Lind.').waitFor();
  });

  it('nor right after a script or a key moved the focus onto it', async () => {
    const page = await world.open(caseAt('no-confidence'));
    await restedButton(page).evaluate((button) => {
      (button as HTMLElement).focus();
      (button as HTMLElement).click(); // What Enter does with what has the focus.
    });
    await page.getByText('The page had just changed. Press again.').waitFor();
    expect(decision('no-confidence')).toBeNull();
  });
});

it('L1: opening, reading and reloading decide nothing', async () => {
  const page = await world.open(caseAt('no-confidence'));
  const sent: string[] = [];
  page.on('request', (request) => request.method() !== 'GET' && sent.push(request.url()));
  await page.getByRole('button', { name: 'Approve' }).waitFor();
  for (let times = 0; times < 3; times += 1) await page.reload();
  await page.waitForTimeout(2500);
  expect(sent).toEqual([]);
});

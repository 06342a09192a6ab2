/** What was typed and not sent: over a reload, a look elsewhere, and the answer of somebody else. */
import type { Page } from 'playwright-core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { JONAS } from '../../dev/fixtures/cases.mjs';
import { act, createDesk, main } from './desk-page';
import { caseAt, idOf, press, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createDesk();
});
afterAll(() => world.close());

const rejecting = async (page: Page, text: string): Promise<void> => {
  await act(main(page, 'Reject'), page.locator('.act-form'));
  await page.getByLabel('Insufficient evidence').check();
  await page.getByLabel('What is wrong with it?').fill(text);
};
/** Reloads, and tells whether the browser asked before; the question is answered with yes. */
const reloadAsks = async (page: Page): Promise<boolean> => {
  let asked = false;
  page.removeAllListeners('dialog');
  page.on('dialog', (dialog) => {
    asked = dialog.type() === 'beforeunload';
    void dialog.accept();
  });
  await page.reload();
  return asked;
};

describe('leaving the page', () => {
  it('is asked about while something typed would be lost, and only then', async () => {
    const page = await world.open(caseAt('filled-form'));
    await page.getByText('Nothing is corrected.').waitFor();
    await press(page, 'More ways to answer');
    expect(await reloadAsks(page)).toBe(false);
    await rejecting(page, 'No order number.');
    expect(await reloadAsks(page)).toBe(true);
  });

  it('an edit that was begun and changes nothing is nothing to lose', async () => {
    const page = await world.open(caseAt('edit-rules'));
    await press(page, 'More ways to answer');
    await press(page, 'Edit first');
    await page.getByLabel('Reply').focus();
    expect(await reloadAsks(page)).toBe(false);
    await press(page, 'More ways to answer');
    await press(page, 'Edit first');
    await page.getByLabel('Reply').fill('We refund you.');
    await page.getByText('The rules let this pass.').waitFor();
    expect(await reloadAsks(page)).toBe(true);
  });
});

describe('a look elsewhere', () => {
  it('keeps what was typed for the same person, case and content', async () => {
    const page = await world.open(caseAt('urgent'));
    await rejecting(page, 'No order number.');
    await page.goto(`${world.url}#/`);
    await page.getByRole('heading', { level: 1, name: /wait/ }).waitFor();
    await page.goBack();
    await page.getByText('What you had written is back, and not sent yet.').waitFor();
    expect(await page.getByLabel('What is wrong with it?').inputValue()).toBe('No order number.');
    expect(await page.getByLabel('Insufficient evidence').isChecked()).toBe(true);
  });

  it('also the last letter, typed in the moment of leaving', async () => {
    const page = await world.open(caseAt('urgent'));
    await rejecting(page, 'No order number');
    await page.getByLabel('What is wrong with it?').evaluate((field) => {
      (field as HTMLTextAreaElement).value += '!';
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      window.location.hash = '#/';
    });
    await page.getByRole('heading', { level: 1, name: /wait/ }).waitFor();
    await page.goBack();
    await page.getByText('What you had written is back, and not sent yet.').waitFor();
    expect(await page.getByLabel('What is wrong with it?').inputValue()).toBe('No order number!');
  });

  it('not for another content of it', async () => {
    const page = await world.open(caseAt('urgent'));
    await rejecting(page, 'No order number.');
    await page.goto(`${world.url}#/`);
    await page.getByRole('heading', { level: 1, name: /wait/ }).waitFor();
    world.companion.revise(idOf('urgent'), { reply: 'Another.', refund_eur: 1 });
    await page.goBack();
    await page.getByText('Another.').waitFor();
    await rejecting(page, '');
    expect(await page.getByText('What you had written is back').count()).toBe(0);
  });
});

describe('somebody else decides meanwhile', () => {
  const approvedByJonas = (name: string): void => {
    const decision = {
      action: 'approve',
      reason_code: null,
      rationale: null,
      event_id: 'e-1',
      edited: false,
      cause: null,
    };
    world.companion.change(idOf(name), { state: 'approved', decidedBy: JONAS, decidedMs: Date.now(), decision });
  };

  it('what was written stays below the outcome, to be copied', async () => {
    const page = await world.open(caseAt('urgent'));
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await rejecting(page, 'No order number.');
    approvedByJonas('urgent');
    await page.getByText(/Jonas Weber approved this at/).waitFor();
    const written = page.getByRole('region', { name: 'What you were writing' });
    await written.getByText('No order number.').waitFor();
    await press(page, 'Copy', written);
    await written.getByText('Copied').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('No order number.');
  });

  it('of an edit what was changed, and the approved text stands in its place', async () => {
    const page = await world.open(caseAt('edit-rules'));
    await press(page, 'More ways to answer');
    await press(page, 'Edit first');
    await page.getByLabel('Reply').fill('We refund you.');
    approvedByJonas('edit-rules');
    const written = page.getByRole('region', { name: 'What you were writing' });
    await written.getByText('We refund you.').waitFor();
    expect(await written.locator('.quote').count()).toBe(1);
    await page.locator('.pane--content .quote', { hasText: 'Dear Ms Petersen' }).waitFor();
  });

  it('nothing is said of it after one’s own answer', async () => {
    const page = await world.open(caseAt('urgent'));
    await rejecting(page, 'No order number.');
    await act(
      page.locator('.act-form').getByRole('button', { name: 'Reject' }),
      page.getByText(/You rejected this at/),
    );
    await page.getByText(/^Next/).waitFor();
    expect(await page.getByText('You were writing').count()).toBe(0);
  });
});

describe('a press that came too early', () => {
  it('is told so for as long as it takes to read it, and not beside a button that is off', async () => {
    const page = await world.open(caseAt('urgent'));
    await main(page, 'Approve and send').waitFor();
    // Looked for in the very next frame: the sentence goes by itself.
    const told = await page.evaluate(async () => {
      window.dispatchEvent(new Event('resize'));
      document.querySelector<HTMLElement>('.actions__main [name=approve]')?.click();
      await new Promise(requestAnimationFrame);
      return document.querySelector('.early')?.textContent;
    });
    expect(told).toBe('The page had just changed. Press again.');
    await page.getByText('The page had just changed. Press again.').waitFor({ state: 'detached' });
  });
});

describe('by touch', () => {
  it('the slide takes the focus, not the field that would call the keyboard over it', async () => {
    world.companion.find(idOf('urgent')).content.metadata.risk_tier = 'low';
    const page = await world.open(`${caseAt('urgent')}`, {
      who: 'link',
      hasTouch: true,
      isMobile: true,
      viewport: { width: 390, height: 844 },
    });
    await act(main(page, 'Approve and send'), page.locator('.slide'));
    await expect.poll(() => page.evaluate(() => document.activeElement?.className)).toBe('slide');
  });
});

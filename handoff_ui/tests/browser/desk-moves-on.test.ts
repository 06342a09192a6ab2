/** What is said, and where the focus stands, once one's part in a case is done. */
import type { Page } from 'playwright-core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { JONAS, MARA } from '../../dev/fixtures/cases.mjs';
import { act, check, createDesk, findIn, main } from './desk-page';
import { caseAt, idOf, press, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createDesk();
});
afterAll(() => world.close());

const focused = (page: Page): Promise<string | null | undefined> =>
  page.evaluate(() => document.activeElement?.textContent);
const toldNext = (page: Page): Promise<void> => expect.poll(() => focused(page)).toMatch(/^Next \(\d+ waiting\)/);
const handOn = async (page: Page, submit: string, done: string): Promise<void> => {
  const form = page.locator('.act-form');
  await act(form.getByRole('button', { name: submit }), page.getByText(done));
};

describe('R-GATE-04: a failed check', () => {
  const sentBack = async (): Promise<Page> => {
    const page = await world.open(caseAt('two-gates'));
    await check(page, 'Source evidence present', 'Fail');
    await act(main(page, 'Send back: a check failed'), page.locator('.act-form'));
    await page.getByLabel('Insufficient evidence').check();
    await page.getByLabel('What failed, and what has to change?').fill('Name the order.');
    await handOn(page, 'Send it back', 'Your checks are recorded.');
    return page;
  };

  it('says where the case went, offers the next case, and is not sent a second time', async () => {
    const page = await sentBack();
    await page.getByText('Sent up to level 2: “Source evidence present” failed.').waitFor();
    await toldNext(page);
    expect(await main(page, /Send back/).count()).toBe(0);
  });

  it('tells the next level why it came, who may reject it, hand it on, or judge the check again', async () => {
    await sentBack();
    const page = await world.open(caseAt('two-gates'), { who: 'jonas' });
    await page
      .getByText(
        /^“Source evidence present” failed \(Mara Lind, \d\d:\d\d\)\. It was sent up for that: answer that check again, reject it, or hand it on\./,
      )
      .waitFor();
    expect(await main(page, /Send back/).count()).toBe(0);
    expect(await main(page, 'Reject').getAttribute('data-off')).toBe('false');
    await page.getByRole('group', { name: 'Source evidence present' }).getByText('Fail, by Mara Lind at').waitFor();
    for (const title of ['Source evidence present', 'Entity match verified', 'No prohibited content']) {
      await check(page, title, 'Pass');
    }
    await check(page, 'User-facing language approved', 'Pass');
    await page.getByLabel('Evidence for “Source evidence present”').fill('Order 4711');
    await act(main(page, 'Approve and send'), page.getByText(/You approved this at/));
    expect(findIn(world, 'two-gates').level).toBe(2);
  });
});

describe('what ends one’s part leads to the next case', () => {
  it('sorting', async () => {
    const page = await world.open(caseAt('to-sort'));
    await act(page.getByRole('button', { name: 'Sort it, and pass it on' }), page.getByText('Sorted.'));
    await toldNext(page);
  });

  it('handing it on', async () => {
    const page = await world.open(caseAt('urgent'));
    await press(page, 'Hand it on');
    await page.getByLabel('Needs specialist review').check();
    await page.getByLabel('What should they look at?').fill('Is it covered?');
    await handOn(page, 'Escalate', 'Handed on.');
    await toldNext(page);
  });

  it('asking, which leaves it to be decided', async () => {
    const page = await world.open(caseAt('urgent'));
    await press(page, 'More ways to answer');
    await press(page, 'Ask a question');
    await page.getByLabel('What do you need to know?').fill('Which flight?');
    await handOn(page, 'Ask', 'It can be decided meanwhile; the answer will stand here.');
    await toldNext(page);
  });

  it('the no of a second reviewer', async () => {
    const page = await world.open(caseAt('second-blind'));
    await act(main(page, 'Reject'), page.locator('.act-form'));
    await page.getByLabel('Insufficient evidence').check();
    await page.getByLabel('What is wrong with it?').fill('No order number.');
    await handOn(page, 'Reject', 'Your rejection is recorded.');
    await toldNext(page);
    await page.getByText('Jonas Weber approved it, you rejected it.').waitFor();
    expect(await page.getByText('The second review is due').count()).toBe(0);
  });

  it('keeping a case does not: the focus stays on its button', async () => {
    const page = await world.open(caseAt('urgent'));
    await press(page, 'More ways to answer');
    await press(page, 'Keep it for me');
    await page.getByText('Yours for 15 minutes.').waitFor();
    await expect.poll(() => focused(page)).toMatch(/^Give it back/);
  });
});

describe('R-UI-20: two reviews of a case for which the workflow waits', () => {
  const dual = (changes: object): void => {
    const desk = { blind: true, secondDueMin: 240, route: 'synchronous_human_review' };
    world.companion.change(idOf('second-blind'), { desk, ...changes });
  };

  it('the first is not told that it goes on with their answer', async () => {
    dual({ state: 'pending', firstApproval: null });
    const page = await world.open(caseAt('second-blind'));
    await page.getByText('A second person must agree before anything goes on.').waitFor();
    expect(await page.getByText('goes on the moment').count()).toBe(0);
    await page.getByText('The second review is due').waitFor();
  });

  it('the second is told that the workflow waits for them', async () => {
    dual({});
    const page = await world.open(caseAt('second-blind'));
    await page.locator('.stage', { hasText: 'The workflow is waiting for you. Is the judgment sound' }).waitFor();
  });

  it('whoever may not answer any more is asked nothing', async () => {
    dual({
      whyNot: 'You gave the first approval; somebody else gives the second.',
      firstApproval: { by: MARA, at: '2026-11-21T07:58:00.000Z' },
    });
    const page = await world.open(caseAt('second-blind'));
    await page.getByText('You approved this first.').waitFor();
    expect(await page.getByText('Is the judgment sound').count()).toBe(0);
    const split = {
      at: '2026-11-21T08:20:00.000Z',
      first_by: MARA,
      first_action: 'approve',
      second_by: JONAS,
      second_action: 'reject',
    };
    const desk = { route: 'synchronous_human_review', secondDueMin: 240, disagreements: [split] };
    dual({ state: 'pending', firstApproval: null, approvalsNeeded: 1, desk });
    await page.getByText('You approved it, Jonas Weber rejected it.').waitFor();
    expect(await page.locator('.stage').count()).toBe(0);
    expect(await page.getByText('The second review is due').count()).toBe(0);
  });
});

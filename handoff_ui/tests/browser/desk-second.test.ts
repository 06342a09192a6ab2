import type { Page } from 'playwright-core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { act, createDesk, findIn, main } from './desk-page';
import { caseAt, idOf, press, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createDesk();
});
afterAll(() => world.close());

const rejects = async (page: Page, told: string): Promise<void> => {
  await act(main(page, 'Reject'), page.locator('.act-form'));
  await page.getByLabel('Insufficient evidence').check();
  await page.getByLabel('What is wrong with it?').fill('No order number.');
  await act(page.locator('.act-form').getByRole('button', { name: 'Reject' }), page.getByText(told));
};

describe('R-GATE-15, R-UI-20: the second reviewer says no', () => {
  it('is told that it is recorded as a no, and who settles it', async () => {
    const page = await world.open(caseAt('second-blind'));
    await rejects(page, 'Your rejection is recorded.');
    await page.getByText('Two reviewers disagreed about this.').waitFor();
    await page.getByText('You rejected it').waitFor();
    expect(await page.getByText('Your approval is recorded.').count()).toBe(0);
    expect(findIn(world, 'second-blind').state).toBe('pending');
  });

  it('is told so as well where the answer was lost on its way', async () => {
    const page = await world.open(caseAt('second-blind'));
    world.companion.breakAnswers = true;
    await rejects(page, 'Your rejection is recorded.');
    expect(await page.getByText('nothing was recorded').count()).toBe(0);
  });
});

describe('R-UI-22: the form at the second of two reviews', () => {
  it('shows what the first filled in, by name and with the corrections, to read and not to fill in', async () => {
    const page = await world.open(caseAt('second-form'));
    const filled = page.getByRole('region', { name: 'What was filled in' });
    await filled.getByText('Filled in by Jonas Weber.').waitFor();
    await filled.getByText('Refund 40 EUR').waitFor();
    const corrected = filled.getByRole('group', { name: 'What was corrected' });
    expect(await corrected.count()).toBe(1);
    expect(await corrected.locator('del').allInnerTexts()).toEqual([expect.stringContaining('Late')]);
    expect(await corrected.locator('ins').allInnerTexts()).toEqual([expect.stringContaining('damage')]);
    expect(await page.locator('.pane--decide :is(input, select, textarea):visible').count()).toBe(0);
  });

  it('is agreed to as it stands: nothing of it is sent again', async () => {
    const page = await world.open(caseAt('second-form'));
    await act(main(page, 'Approve and send'), page.getByText(/You approved this at/));
    expect(findIn(world, 'second-form').lastBody).not.toHaveProperty('response');
    await page.getByText('Corrected: Category.').waitFor();
  });

  it('nor where the page was open before the first approved', async () => {
    const page = await world.open(caseAt('filled-form'));
    await page.getByLabel('Priority').selectOption('High');
    const first = { by: { id: 'rv_jonas00000000000', name: 'Jonas Weber' }, at: '2026-11-21T08:00:00.000Z' };
    const response = {
      category: 'other',
      priority: 'low',
      summary: 'Broken.',
      recommended_action: 'Ask for a picture',
    };
    world.companion.change(idOf('filled-form'), {
      state: 'awaiting_second_review',
      approvalsNeeded: 2,
      firstApproval: { ...first, response, corrections: [] },
    });
    await page.getByText('Filled in by Jonas Weber.').waitFor();
    await act(main(page, 'Approve and send'), page.getByText(/You approved this at|something else/));
    expect(findIn(world, 'filled-form').lastBody).not.toHaveProperty('response');
  });
});

describe('R-GATE-15: the form after two disagreed', () => {
  const disputed = async (): Promise<Page> => {
    world.companion.change(idOf('second-form'), { state: 'pending' });
    const page = await world.open(caseAt('second-form'));
    await page.getByText('Filled in by Jonas Weber. You agree to it as it stands, or reject it.').waitFor();
    return page;
  };

  it('shows the third what the first filled in, who agrees to it as it stands', async () => {
    const page = await disputed();
    expect(await page.locator('.pane--decide :is(input, select, textarea):visible').count()).toBe(0);
    await act(main(page, 'Approve and send'), page.getByText(/You approved this at/));
    expect(findIn(world, 'second-form').lastBody).not.toHaveProperty('response');
  });

  it('is filled in anew with an edit of the third, which somebody else agrees to', async () => {
    const page = await disputed();
    await press(page, 'More ways to answer');
    await act(page.getByRole('button', { name: 'Edit first' }), page.getByText('Check what was filled in'));
    await page.getByText('Filled in by Jonas Weber.').waitFor({ state: 'detached' });
  });
});

describe('what follows a yes is said as it is', () => {
  it.each([
    ['second-blind', 'If you approve, “Support replies” goes on with exactly what is shown here.'],
    ['reviews-a-sample', 'If you approve, that is recorded. No workflow waits for it'],
  ])('%s', async (name, words) => {
    const page = await world.open(caseAt(name));
    await page.locator('.head__lede', { hasText: words }).waitFor();
  });

  it('of a review of Handoff’s own, also afterwards', async () => {
    const page = await world.open(caseAt('reviews-a-sample'));
    await act(main(page, 'Approve'), page.getByText(/You approved this at/));
    await page.locator('.delivery', { hasText: 'No workflow waits for this answer.' }).waitFor();
  });
});

/** Rules that a newer version of Handoff wrote: nothing passes by them, and nobody takes the numbers shown for theirs. */
import type { Page } from 'playwright-core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { answer, changeTo, EMAIL } from './policy-page';
import { axeFindings, createWorld, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createWorld();
  (world.companion.policies.records.get('summarize-email') as { tooNew?: boolean }).tooNew = true;
});
afterAll(() => world.close());

const TOLD = [
  'nothing passes by them: the workflow waits for a person, and no new case is opened.',
  'Open cases can still be approved, rejected and handed on, but not edited or sorted.',
  'Start the newer version of Handoff that wrote these rules, or propose rules that this one can read',
];

async function reads(page: Page): Promise<void> {
  await page.getByText('This version of Handoff cannot read all rules.').waitFor();
  const notice = await page.locator('.notice', { hasText: 'cannot read all rules' }).innerText();
  for (const words of TOLD) expect(notice).toContain(words);
}

describe('X-16: rules that this Handoff cannot read', () => {
  it('are marked in the list, which says what holds and what to do, and lends them no name, owner or risk', async () => {
    const page = await world.open('#/policies');
    await reads(page);
    const row = page.locator('.policies__row', { hasText: 'summarize-email' });
    await row.getByText('cannot be read').waitFor();
    expect(await row.locator('.row__link').innerText()).toBe('Summarize email');
    expect(await row.locator('.row__stake, .policies__owner').allInnerTexts()).toEqual(['', '']);
    expect(await page.getByText('cannot be read', { exact: true }).count()).toBe(1);
    expect(await axeFindings(page)).toEqual([]);
  });

  it('are told of on their page: whose the numbers are, and that a change waits for governance', async () => {
    const page = await world.open(EMAIL);
    await reads(page);
    await page.getByText('The numbers below are those of the built-in rules “Default”.').waitFor();
    expect(await page.locator('.head__facts').getByText(/risk/).count()).toBe(0);
    await answer(page).waitFor();
    await changeTo(page, '86');
    await page
      .getByText(/Waits for .*, because what this changes is not known/)
      .first()
      .waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  it('of another workflow are said nothing of', async () => {
    const page = await world.open('#/policies/refund-request');
    await answer(page).waitFor();
    expect(await page.getByText('cannot read').count()).toBe(0);
  });
});

import type { Page } from 'playwright-core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { LENA } from '../../dev/fixtures/cases.mjs';
import { act, createDesk, findIn, main } from './desk-page';
import { caseAt, idOf, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createDesk();
});
afterAll(() => world.close());

const filled = (page: Page) => page.getByRole('region', { name: 'What was filled in' });

/** Corrects the category of the form, and approves. */
async function approves(page: Page): Promise<void> {
  await page.getByLabel('Category').selectOption('Delivery damage');
  await page.getByText('1 correction: Category.').waitFor();
  await act(main(page, 'Approve and send'), page.getByText(/You approved this at/));
}

describe('R-UI-22: what was filled into the form stands with the outcome', () => {
  it('for whoever decided, with what they corrected, below the way to the next case', async () => {
    const page = await world.open(caseAt('filled-form'));
    await approves(page);
    await filled(page).getByText('Filled in by you. Corrected: Category.').waitFor();
    for (const words of ['The parcel arrived broken; the customer wants the money back.', 'Refund 40 EUR', 'Yes'])
      expect(await filled(page).innerText()).toContain(words);
    const corrected = filled(page).getByRole('group', { name: 'What was corrected' });
    expect(await corrected.locator('del').innerText()).toContain('Late');
    expect(await filled(page).locator(':is(input, select, textarea)').count()).toBe(0);
    const next = await page.locator('.next').boundingBox();
    expect(next?.y).toBeLessThan((await filled(page).boundingBox())?.y ?? 0);
  });

  it('for whoever reads the case later, by name', async () => {
    await approves(await world.open(caseAt('filled-form')));
    const page = await world.open(caseAt('filled-form'), { who: 'jonas' });
    await filled(page).getByText('Filled in by Mara Lind. Corrected: Category.').waitFor();
  });

  it('as the first of two filled it in, where the second agreed to it', async () => {
    const page = await world.open(caseAt('second-form'));
    await act(main(page, 'Approve and send'), page.getByText(/You approved this at/));
    await filled(page).getByText('Filled in by Jonas Weber. Corrected: Category.').waitFor();
    expect(await page.getByText('You agree to it').count()).toBe(0);
  });

  it.each([
    ['Jonas Weber', 'normal'],
    ['Lena Sommer', 'high'],
  ])('R-GATE-15: of an edited version as well, by %s where the second gave priority “%s”', async (name, priority) => {
    const { firstApproval } = findIn(world, 'second-form') as unknown as { firstApproval: { response: object } };
    const response = { ...firstApproval.response, priority };
    const more = { reason_code: null, rationale: null, event_id: 'e-1', cause: null, corrections: [] };
    const decision = { action: 'modify', edited: true, response, ...more };
    world.companion.change(idOf('second-form'), { state: 'modified', decision, decidedBy: LENA });
    const page = await world.open(caseAt('second-form'));
    await filled(page).getByText(`Filled in by ${name}.`).waitFor();
  });

  it('at once: it was fetched with the form, and not when it is shown', async () => {
    const page = await world.open(caseAt('filled-form'));
    await page.getByLabel('Category').waitFor();
    await page.route('**/assets/**', (route) => route.abort());
    await approves(page);
    await filled(page).getByText('Filled in by you.').waitFor();
  });

  it('R-UI-23: what is hidden from a reader stands there as hidden, and nothing is made up for it', async () => {
    await approves(await world.open(caseAt('filled-form')));
    const { decision } = findIn(world, 'filled-form') as unknown as { decision: { response: object } };
    const response = { ...decision.response, goodwill: '[redacted 1]', category: '[redacted 1]' };
    world.companion.change(idOf('filled-form'), { decision: { ...decision, response, corrections: [] } });
    const page = await world.open(caseAt('filled-form'), { who: 'lena' });
    await filled(page).getByText('Filled in by Mara Lind.').waitFor();
    expect(await filled(page).getByText('[redacted 1]').count()).toBe(2);
    expect(await filled(page).getByText('No', { exact: true }).count()).toBe(0);
    expect(await page.getByText('Corrected').count()).toBe(0);
  });

  it('not where nothing was: a rejection takes nothing along', async () => {
    const page = await world.open(caseAt('filled-form'));
    await act(main(page, 'Reject'), page.locator('.act-form'));
    await page.getByLabel('Insufficient evidence').check();
    await page.getByLabel('What is wrong with it?').fill('No order number.');
    await act(
      page.locator('.act-form').getByRole('button', { name: 'Reject' }),
      page.getByText(/You rejected this at/),
    );
    expect(await filled(page).count()).toBe(0);
  });
});

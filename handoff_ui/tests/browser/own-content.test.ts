/** An act that makes a new version of the content: what is said and begun after it is about that one. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createDesk } from './desk-page';
import { holdBack } from './moments';
import { caseAt, idOf, press, strike, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createDesk();
});
afterAll(() => world.close());

describe('one’s own act makes the content anew', () => {
  it('an answer is called recorded once its version is shown: what is written next is not lost with the one before', async () => {
    world.companion.change(idOf('urgent'), { state: 'awaiting_information', questionOpen: 'Which order?' });
    const page = await world.open(caseAt('urgent'));
    await press(page, 'Answer the question');
    await page.getByLabel('Your answer').fill('Order 4711.');
    const { asked, letGo } = await holdBack(page, '**/package');
    await press(page, 'Answer', page.locator('.act-form'));
    await asked;
    expect(await page.getByText('Your answer is recorded.').count()).toBe(0);
    letGo();
    await page.getByText('Your answer is recorded.').waitFor();
    await strike(page, 'n');
    const note = page.getByLabel('It decides nothing');
    await note.fill('Asked the customer.');
    // The next look at the case, which brings nothing new.
    await page.waitForResponse((answer) => answer.url().endsWith(idOf('urgent')));
    expect(await note.inputValue()).toBe('Asked the customer.');
  });

  it('the first of two who edits is shown what they approved, not told of a new version', async () => {
    world.companion.change(idOf('edit-rules'), { approvalsNeeded: 2 });
    const page = await world.open(caseAt('edit-rules'));
    await press(page, 'More ways to answer');
    await press(page, 'Edit');
    await page.getByLabel('Reply').fill('We look into it.');
    await page.getByLabel('Wrong category').check();
    await page.getByLabel('What did you change, and why?').fill('Shorter.');
    await press(page, 'Approve edited version');
    await page.getByText('Your approval is recorded.').waitFor();
    await page.getByText('We look into it.').first().waitFor();
    expect(await page.getByText('new version').count()).toBe(0);
  });
});

import type { Page } from 'playwright-core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createDesk } from './desk-page';
import { caseAt, idOf, strike, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createDesk();
});
afterAll(() => world.close());

/** Tab until the focus stands on what is called `name`; never a pointer. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    const at = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement | null;
      // Every text is in the body, which has the focus while nothing has it.
      if (element === null || element === document.body) return '';
      const labels = element.labels ? [...element.labels].map(({ textContent }) => textContent) : [];
      return [element.textContent, element.getAttribute('aria-label') ?? '', ...labels].join(' | ');
    });
    if (at.includes(name)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never came to “${name}”.`);
}

/** A button that decides rests for half a second after the focus came to it, and while something is missing. */
async function pressHere(page: Page): Promise<void> {
  await page.waitForFunction(() => (document.activeElement as HTMLElement).dataset.off !== 'true');
  await strike(page, 'Enter');
}

async function opened(name: string): Promise<Page> {
  const page = await world.open(caseAt(name));
  await page.locator('.actions, .triage').first().waitFor();
  await page.locator('[data-guarded]:not([data-resting=true])').first().waitFor({ state: 'attached' });
  return page;
}
const stateOf = (name: string): string => world.companion.find(idOf(name)).state as string;

/** Reason and sentence of the open form, and its button. */
async function fill(page: Page, field: string, submit: string): Promise<void> {
  await tabTo(page, 'Wrong category');
  await page.keyboard.press('Space');
  await tabTo(page, field);
  await page.keyboard.type('Because of the order.');
  await tabTo(page, submit);
  await pressHere(page);
}

describe('every act by keyboard alone, from its key to its end', () => {
  it('a approves, u takes it back', async () => {
    const page = await opened('undo-window');
    await strike(page, 'a');
    await page.getByText(/You approved this at/).waitFor();
    await strike(page, 'u');
    await page.getByText('Taken back.').waitFor();
    expect(stateOf('undo-window')).toBe('pending');
  });

  it('r rejects', async () => {
    const page = await opened('urgent');
    await page.keyboard.press('r');
    await fill(page, 'What is wrong with it?', 'Reject');
    await page.getByText(/You rejected this at/).waitFor();
  });

  it('e edits', async () => {
    const page = await opened('edit-rules');
    await page.keyboard.press('e');
    await page.getByLabel('Reply').waitFor();
    await page.keyboard.press('Shift+Tab');
    for (let presses = 0; presses < 20; presses += 1) {
      if (await page.evaluate(() => document.activeElement?.matches('textarea.input--lines'))) break;
      await page.keyboard.press('Shift+Tab');
    }
    await page.keyboard.press('Control+End');
    await page.keyboard.type(' Kind regards');
    await fill(page, 'What did you change, and why?', 'Approve edited version');
    await page.getByText(/You approved an edited version at/).waitFor();
  });

  it('x hands it on, to a place that was chosen', async () => {
    const page = await opened('urgent');
    await page.keyboard.press('x');
    await tabTo(page, 'To whom');
    await page.keyboard.press('ArrowDown');
    await fill(page, 'What should they look at?', 'Escalate');
    await page.getByText('Handed on.').waitFor();
    expect(world.companion.find(idOf('urgent')).lastBody).toMatchObject({ target: 'legal' });
  });

  it.each([
    ['i', 'What do you need to know?', 'Ask', 'Your question is recorded.'],
    ['n', 'It decides nothing', 'Keep the note', 'Your note is kept.'],
  ])('%s asks or notes', async (key, field, submit, done) => {
    const page = await opened('urgent');
    await page.keyboard.press(key);
    await tabTo(page, field);
    await page.keyboard.type('Which order?');
    await tabTo(page, submit);
    await pressHere(page);
    await page.getByText(done).waitFor();
  });

  it('a failed check is sent back', async () => {
    const page = await opened('two-gates');
    await tabTo(page, 'Pass');
    await page.keyboard.press('ArrowRight');
    await tabTo(page, 'Send back: a check failed');
    await pressHere(page);
    await page.getByRole('heading', { name: 'Send it back' }).waitFor();
    await fill(page, 'What failed', 'Send it back');
    await page.getByText('Your checks are recorded.').waitFor();
  });

  it('a form is corrected and approved', async () => {
    const page = await opened('filled-form');
    await tabTo(page, 'Category');
    await page.keyboard.press('ArrowUp');
    await tabTo(page, 'Approve and send');
    await pressHere(page);
    await page.getByText(/You approved this at/).waitFor();
    await page.getByText('Corrected: Category.').waitFor();
  });

  it('a case is sorted', async () => {
    const page = await opened('to-sort');
    await tabTo(page, 'Who works on it?');
    await page.keyboard.press('ArrowDown');
    await tabTo(page, 'Sort it, and pass it on');
    await pressHere(page);
    await page.getByText('Sorted.').waitFor();
  });
});

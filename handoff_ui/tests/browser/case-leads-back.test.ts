import type { Page } from 'playwright-core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { caseAt, createWorld, idOf, press, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createWorld();
});
afterAll(() => world.close());

/** Waits for this very case: the one that was open before stays for a moment after the address changed. */
async function isOpen(page: Page, name: string): Promise<void> {
  const { question } = world.companion.find(idOf(name)).content.metadata;
  await page.locator('.case').getByRole('heading', { level: 1, name: question }).waitFor();
}

describe('R-UI-16: a case of a running batch leads back to it', () => {
  const back = 'Back to them';

  it('with how many there are and until when they are held', async () => {
    const page = await world.open(`#/batch?like=${idOf('reply-1')}`);
    await press(page, 'Take them');
    await page.getByRole('heading', { name: '8 similar cases of “Reply draft”' }).waitFor();
    await page.goto(`${world.url}${caseAt('reply-2')}`);
    await page.getByText('You took this with 7 similar cases.').waitFor();
    await page.getByText(/They are yours until/).waitFor();
    await page.getByRole('link', { name: back }).click();
    await page.getByRole('heading', { name: '8 similar cases of “Reply draft”' }).waitFor();
  });

  it('and not once it was given back, or from a case that is not among them', async () => {
    const page = await world.open(`#/batch?like=${idOf('reply-1')}`);
    await press(page, 'Take them');
    await page.getByRole('heading', { name: '8 similar cases of “Reply draft”' }).waitFor();
    await page.goto(`${world.url}${caseAt('summarize-email')}`);
    await isOpen(page, 'summarize-email');
    expect(await page.getByRole('link', { name: back }).count()).toBe(0);
    world.companion.change(idOf('reply-2'), { state: 'pending', claim: null });
    await page.goto(`${world.url}${caseAt('reply-2')}`);
    await isOpen(page, 'reply-2');
    expect(await page.getByRole('link', { name: back }).count()).toBe(0);
  });
});

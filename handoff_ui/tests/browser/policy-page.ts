/** What the browser tests of the policies share. */
import type { Page } from 'playwright-core';

export const EMAIL = '#/policies/summarize-email';
export const REFUNDS = '#/policies/refund-request';
export const FIELD = 'Ask a person below, in per cent';
export const SLIDER = 'Ask a person below, slider';

export const answer = (page: Page) => page.locator('.simulation__answer');

export async function changeTo(page: Page, percent: string): Promise<void> {
  await page.getByLabel(FIELD).fill(percent);
}

/** Presses a button once it takes presses: they rest for half a second after each move of the page. */
export async function pressArmed(page: Page, name: RegExp): Promise<void> {
  const button = page.getByRole('button', { name }).first();
  await button.and(page.locator('[aria-disabled=false], :not([aria-disabled])')).waitFor();
  await button.click();
}

/** Opens the form over the rules, gives the reason, and sends it. */
export async function send(page: Page, open: RegExp, submit: RegExp, reason: string): Promise<void> {
  await pressArmed(page, open);
  await page.locator('.reason-form textarea').fill(reason);
  await pressArmed(page, submit);
}

/** What the browser tests of the policies share. */
import type { Page } from 'playwright-core';
import { press } from './world';

export const EMAIL = '#/policies/summarize-email';
export const REFUNDS = '#/policies/refund-request';
export const FIELD = 'Ask a person below, in per cent';
export const SLIDER = 'Ask a person below, slider';

export const answer = (page: Page) => page.locator('.simulation__answer');

export async function changeTo(page: Page, percent: string): Promise<void> {
  await page.getByLabel(FIELD).fill(percent);
}

/** Opens the form over the rules, gives the reason, and sends it. */
export async function send(page: Page, open: RegExp, submit: RegExp, reason: string): Promise<void> {
  await press(page, open);
  await page.locator('.reason-form textarea').fill(reason);
  await press(page, submit);
}

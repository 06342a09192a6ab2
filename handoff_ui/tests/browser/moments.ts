/** Moments at which a test looks or acts: told by what shows them, never by a span of time. */
import type { Page } from 'playwright-core';
import { idOf } from './world';

/** Until the buttons take a press. */
export async function still(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('[data-resting=true]') === null);
}

/**
 * Holds back every request of `method` to `url` from now on: `asked` ends with the first one, `letGo` lets all of them
 * through, and `count` says how many there were.
 */
export async function holdBack(
  page: Page,
  url: string | RegExp,
  method = 'GET',
): Promise<{ asked: Promise<void>; letGo: () => void; count: () => number }> {
  let [told, letGo] = [(): void => undefined, (): void => undefined];
  const asked = new Promise<void>((resolve) => (told = resolve));
  const free = new Promise<void>((resolve) => (letGo = resolve));
  let count = 0;
  await page.route(url, async (route) => {
    if (route.request().method() === method) {
      count += 1;
      told();
      await free;
    }
    await route.continue();
  });
  return { asked, letGo, count: () => count };
}

const STANDING = '**/v1/handoffs/ho_*';

/**
 * Cuts the page off from how its case stands: what changes from now on it learns from the answers to its acts only.
 * Gives what lets it hear again.
 */
export async function cutOff(page: Page): Promise<() => Promise<void>> {
  await page.route(STANDING, (route) => (route.request().method() === 'GET' ? route.abort() : route.continue()));
  // It asks one thing at a time: once a question was lost, no older one is on its way.
  await page.getByText('Handoff does not answer right now.').waitFor();
  return async () => {
    await page.unroute(STANDING);
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
  };
}

/** Until the page asked once more how its case stands: whatever it sent before that has arrived. */
export async function askedAgain(page: Page, name: string): Promise<void> {
  const asked = await page.waitForRequest(
    (request) => request.method() === 'GET' && request.url().endsWith(`/v1/handoffs/${idOf(name)}`),
  );
  await asked.response();
}

/** What the page sends from now on, beside its questions, as "POST /v1/…". */
export function sentBy(page: Page): string[] {
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.method() !== 'GET') sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
  });
  return sent;
}

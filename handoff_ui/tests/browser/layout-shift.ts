/** How far a view moves under the hand while it comes up. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { PATIENCE_MS } from '../../src/hooks/use-pauses';
import type { World } from './world';

/** Longer than the page's own clocks, which tick each second. */
const WATCHED_MS = 1_200;

/**
 * Opens `address` on a phone and gives the layout shift (a share of the window, as Chromium measures it; 0: nothing
 * moved) until all that was asked for has come. `there` is what the view consists of.
 */
export async function shiftOf(world: World, address: string, there: string): Promise<number> {
  const page = await world.open('#/x', { viewport: { width: 390, height: 844 } });
  await page.addInitScript((patience_ms) => {
    // The page waits so long for what is paused and no longer: on a busy machine the bar would come late, and move it.
    const later = window.setTimeout.bind(window);
    window.setTimeout = ((act: () => void, ms: number) =>
      later(act, ms === patience_ms ? 60_000 : ms)) as typeof window.setTimeout;
    const seen = window as unknown as { shift: () => number };
    let shift = 0;
    const add = (entries: PerformanceEntry[]): void => {
      for (const entry of entries) shift += (entry as unknown as { value: number }).value;
    };
    const observer = new PerformanceObserver((list) => add(list.getEntries()));
    observer.observe({ type: 'layout-shift', buffered: true });
    seen.shift = () => {
      add(observer.takeRecords());
      return shift;
    };
  }, PATIENCE_MS);
  await page.goto('about:blank');
  const asked = requestsOf(page);
  // What is paused is known last, and the view has to wait for it.
  const signedIn = page.waitForResponse('**/v1/sessions/current');
  await page.route('**/v1/pauses', async (route) => {
    await (await signedIn).finished();
    await route.continue();
  });
  await page.goto(`${world.url}${address}`);
  await page.locator(there).first().waitFor();
  // By the timers of the page: those that it had started before are over then, however slow the machine is.
  await page.evaluate((ms) => new Promise((resolve) => setTimeout(resolve, ms)), WATCHED_MS);
  await expect.poll(() => asked.size, { timeout: 10_000 }).toBe(0);
  const shift = await page.evaluate(async () => {
    // What came last is drawn in the first frame, and told of by the second.
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    return (window as unknown as { shift: () => number }).shift();
  });
  await page.context().close();
  return shift;
}

/** The requests that have no answer yet, from now on. */
function requestsOf(page: Page): ReadonlySet<object> {
  const asked = new Set<object>();
  page.on('request', (request) => asked.add(request));
  page.on('requestfinished', (request) => asked.delete(request));
  page.on('requestfailed', (request) => asked.delete(request));
  return asked;
}

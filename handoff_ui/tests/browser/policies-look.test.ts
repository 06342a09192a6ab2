import type { Page } from 'playwright-core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { shiftOf } from './layout-shift';
import { answer, changeTo, EMAIL, REFUNDS } from './policy-page';
import { isSound, createWorld, press, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createWorld();
});
afterAll(() => world.close());

describe('the page does not move under the hand', () => {
  it.each([
    ['#/policies', '.policies'],
    [EMAIL, '.simulation__answer'],
    [REFUNDS, '.simulation__answer'],
    ['#/inbox', '.rows'],
  ])('%s: no layout shift on a phone, also while something is paused', async (address, there) => {
    world.companion.policies.pause({ workflow_id: 'summarize-email', reason: 'Something is wrong.' });
    expect(await shiftOf(world, address, there)).toBeLessThan(0.01);
  });
});

const SIZES = [
  { name: '1440', viewport: { width: 1440, height: 900 } },
  { name: '320, as at 400 % zoom', viewport: { width: 320, height: 640 } },
];

describe.each(SIZES)('R-UI-01, WCAG 2.2: at $name, light and dark', ({ viewport }) => {
  const clean = async (page: Page): Promise<void> => {
    await isSound(page, viewport);
    expect(world.faults).toEqual([]);
  };
  it('list, rules, versions and forms: axe finds nothing, nothing runs over the edge', async () => {
    world.companion.policies.pause({ workflow_id: 'summarize-email', reason: 'Something is wrong.' });
    const page = await world.open('#/policies', { viewport, who: 'jonas' });
    await page.locator('.policies').first().waitFor();
    await clean(page);
    await page.goto(`${world.url}${REFUNDS}`);
    await answer(page).waitFor();
    await page.getByText('Open as text').click();
    await page.getByText('Try them on a file instead').click();
    await clean(page);
    await press(page, /^Sign off…/);
    await clean(page);
    await page.goto(`${world.url}${EMAIL}/versions`);
    await page.locator('.version').first().waitFor();
    await press(page, /^Resume…/);
    await clean(page);
    await page.context().close();
    world.companion.policies.pauses.length = 0;
    const operator = await world.open(EMAIL, { viewport });
    await changeTo(operator, '60');
    await operator.locator('.simulation__wrong').waitFor();
    await clean(operator);
    await press(operator, 'Pause this workflow…');
    await clean(operator);
    await operator.locator('.pausing .reason-form').press('Escape');
    await press(operator, /^Propose…/);
    await press(operator, /^Send to governance/);
    await operator.getByText('Write a sentence; others will read it.').waitFor();
    await clean(operator);
  });
});

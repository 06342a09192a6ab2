import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DESK_CASES } from '../../dev/fixtures/desk-cases.mjs';
import { createDesk } from './desk-page';
import { shiftOf } from './layout-shift';
import { still } from './moments';
import { caseAt, isSound, press, type World } from './world';

const SIZES = [
  { name: '1440', viewport: { width: 1440, height: 900 } },
  { name: '320', viewport: { width: 320, height: 640 } },
  // A window of 1440 at 200 %.
  { name: '720, as at 200 % zoom', viewport: { width: 720, height: 450 } },
];
const NAMES = (DESK_CASES as { name: string }[]).map(({ name }) => name);

type Step = (page: Page) => Promise<void>;
const STATES: [name: string, at: string, step: Step][] = [
  [
    'a failed check',
    'two-gates',
    async (page) => {
      await page.locator('.check__choice[data-choice=fail]').first().click();
      await page.getByLabel('What is wrong: Source').waitFor();
    },
  ],
  [
    'a correction and a fault',
    'filled-form',
    async (page) => {
      await page.getByLabel('Category').selectOption('Other');
      await page.getByLabel('Amount in EUR').fill('many');
      await page.getByText('Write a number like').waitFor();
    },
  ],
  [
    'an edit that the rules refuse',
    'edit-rules',
    async (page) => {
      await page.keyboard.press('e');
      await page.getByLabel('Reply').fill('We guarantee it.');
      await page.getByText('The rules do not let this pass.').waitFor();
    },
  ],
  [
    'an escalation to somewhere',
    'urgent',
    async (page) => {
      await page.keyboard.press('x');
      await page.getByText('To whom').waitFor();
    },
  ],
  [
    'the other ways to answer',
    'urgent',
    async (page) => {
      await press(page, 'More ways to answer');
      await page.getByText('Give it to somebody').click();
      await page.getByLabel('Who looks after it').waitFor();
    },
  ],
  [
    'a reason to see what is hidden',
    'hidden-places',
    async (page) => {
      await press(page, 'Show everything…');
      await page.getByLabel('Why do you need to see it?').waitFor();
    },
  ],
];

let world: World;
beforeAll(async () => {
  world = await createDesk();
});
afterAll(() => world.close());

async function looksSound(page: Page, viewport: { width: number }): Promise<void> {
  await still(page);
  await isSound(page, viewport);
  expect(world.faults).toEqual([]);
}

describe.each(SIZES)('WCAG 2.2: the desk at $name, light and dark', ({ viewport }) => {
  let page: Page;
  beforeAll(async () => {
    page = await world.open('#/x', { viewport });
  });
  afterAll(() => page.context().close());
  const show = async (name: string): Promise<void> => {
    await page.goto('about:blank');
    await page.goto(`${world.url}${caseAt(name)}`);
    await page.locator('.panes').waitFor();
  };
  it.each(NAMES)('%s: axe finds nothing, and nothing runs over the edge', async (name) => {
    await show(name);
    await looksSound(page, viewport);
  });
  it.each(STATES)('%s: axe finds nothing, and nothing runs over the edge', async (_, name, step) => {
    await show(name);
    await step(page);
    await looksSound(page, viewport);
  });
});

describe('the look of the desk', () => {
  it('the buttons stay on the screen, however long the checks are', async () => {
    for (const [width, height] of [
      [1440, 900],
      [1024, 768],
      [390, 844],
    ] as const) {
      const page = await world.open(caseAt('two-gates'), { viewport: { width, height } });
      const button = page.locator('.actions__main button').first();
      await button.waitFor();
      await page.locator('.checklist').waitFor();
      await still(page);
      const box = await button.boundingBox();
      expect(box && box.y + box.height <= height, `at ${width}`).toBe(true);
      await page.context().close();
    }
  });

  it('nothing moves after the first content, though a part of it is fetched', async () => {
    for (const name of ['two-gates', 'filled-form', 'to-sort']) {
      expect(await shiftOf(world, caseAt(name), '.checklist, .response, .triage'), name).toBeLessThan(0.01);
    }
  });

  it('moves nothing for who wants no motion', async () => {
    const page = await world.open(caseAt('two-gates'), { reducedMotion: 'reduce' });
    await page.locator('.checklist').waitFor();
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll('*')]
        .filter((element) => {
          const { transitionDuration, animationName } = getComputedStyle(element);
          return animationName !== 'none' || !/^0s(, 0s)*$/.test(transitionDuration);
        })
        .map(({ className }) => String(className)),
    );
    expect(moving).toEqual([]);
    await page.context().close();
  });
});

import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shiftOf } from './layout-shift';
import { axeFindings, caseAt, createWorld, idOf, isSound, press, type World } from './world';

const SIZES = [
  { name: '1440', viewport: { width: 1440, height: 900 } },
  { name: '320, as at 400 % zoom', viewport: { width: 320, height: 640 } },
];
/** Here the middle pane stands below the left one. */
const FOLDED = { name: '1024', viewport: { width: 1024, height: 768 } };
const CASES = [
  'summarize-email',
  'long-email',
  'hostile-text',
  'fraud-score',
  'order-table',
  'files',
  'spoiled-blob',
  'spoiled-token',
  'no-confidence',
  'nested',
  'claimed',
  'question-open',
  'second-review',
  'read-only',
  'approved',
  'approved-edited',
  'rejected',
  'expired',
  'withdrawn',
  'no-longer-waits',
  'reply-lost',
];
const VIEWS: [name: string, address: string, who?: 'none' | 'link'][] = [
  ...CASES.map((name): [string, string] => [name, caseAt(name)]),
  ['inbox', '#/inbox'],
  ['inbox, decided', '#/inbox?state=decided'],
  ['inbox, empty', '#/inbox?workflow_id=none'],
  ['inbox, filtered', '#/inbox?workflow_id=reply-draft&issue=delivery&level=1&q=par'],
  ['a batch before it is taken', `#/batch?like=${idOf('reply-1')}`],
  ['a batch that is over', '#/batch/ba_gone'],
  ['account', '#/account'],
  ['group', `#/g/${idOf('nightly-batch', 'gr')}`],
  ['not found', '#/h/ho_00nothinghere000000000000000'],
  ['no such view', '#/x'],
  ['signed out', '#/inbox', 'none'],
  ['sign-in', '#/sign-in', 'none'],
  ['enrolment', '#/enrol/he_fixture', 'none'],
  ['enrolment used', '#/enrol', 'none'],
  ['personal link', caseAt('nested'), 'link'],
  ['personal link, elsewhere', '#/inbox', 'link'],
];

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

describe.each(SIZES)('R-UI-01, WCAG 2.2: at $name, light and dark', ({ viewport }) => {
  const pages = new Map<string, Page>();
  const pageOf = async (who: 'mara' | 'none' | 'link'): Promise<Page> => {
    const page = pages.get(who) ?? (await world.open('#/x', { viewport, who }));
    pages.set(who, page);
    return page;
  };
  it.each(VIEWS)(
    '%s: axe finds nothing, nothing runs over the edge, nothing comes from elsewhere',
    async (_, address, who) => {
      const page = await pageOf(who ?? 'mara');
      await page.goto('about:blank');
      await page.goto(`${world.url}${address}`);
      await page.locator('h1').waitFor();
      await page.locator('.loading, .nothing[role=status]').first().waitFor({ state: 'detached' });
      await isSound(page, viewport);
      expect(world.faults).toEqual([]);
    },
  );
});

const FORMS: [name: string, address: string, who: 'mara' | 'link', act: (page: Page) => Promise<void>][] = [
  [
    'a rejection with its faults shown',
    caseAt('summarize-email'),
    'mara',
    async (page) => {
      await page.keyboard.press('r');
      await press(page, 'Reject', page.locator('.act-form'));
      await page.getByText('Choose a reason.').waitFor();
    },
  ],
  [
    'an edit with a change and a fault',
    caseAt('nested'),
    'mara',
    async (page) => {
      await page.keyboard.press('e');
      await page.getByLabel('City').fill('Kiel');
      await page.getByLabel('Credit limit').fill('many');
      await press(page, 'Add an entry');
    },
  ],
  [
    'the deliberate confirm of a personal link',
    caseAt('nested'),
    'link',
    async (page) => {
      await press(page, 'Approve');
      await page.locator('.slide__track').waitFor();
    },
  ],
  [
    'the list of keys',
    '#/inbox',
    'mara',
    async (page) => {
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    },
  ],
];

describe.each([...SIZES, FOLDED])('WCAG 2.2: forms at $name, light and dark', ({ viewport }) => {
  it.each(FORMS)('%s: axe finds nothing', async (_, address, who, act) => {
    const page = await world.open(address, { viewport, who });
    await page.locator('h1').waitFor();
    await act(page);
    await isSound(page, viewport);
    await page.context().close();
  });
});

describe('R-UI-01: three labelled panes', () => {
  it('stand side by side on a wide screen and one below the other on a phone, the decision last', async () => {
    const page = await world.open(caseAt('summarize-email'));
    const panes = page.locator('main section[aria-label]');
    await panes.first().waitFor();
    const boxes = async () => Promise.all((await panes.all()).map(async (pane) => await pane.boundingBox()));
    const [content, why, decide] = await boxes();
    expect(content && why && decide && content.x < why.x && why.x < decide.x).toBe(true);
    await page.setViewportSize({ width: 390, height: 844 });
    // The window has its new size at once, the page a frame later.
    await expect
      .poll(async () => {
        const [first, second, third] = await boxes();
        return first && second && third && first.y < second.y && second.y < third.y;
      })
      .toBe(true);
    await page.context().close();
  });

  it.each([1440, 390])('R-UI-04, X-05: at %i two buttons answer, the other ways are folded below', async (width) => {
    const page = await world.open(caseAt('summarize-email'), { viewport: { width, height: 844 } });
    const names = async (): Promise<string[]> => {
      const texts = await page.locator('.actions button:visible').allInnerTexts();
      return texts.map((text) => text.replace(/\s+/g, ' ').replace(/ .$/, ''));
    };
    const two = ['Approve and send', 'Reject', 'More ways to answer'];
    await expect.poll(names).toEqual(two);
    const more = page.getByRole('button', { name: 'More ways to answer' });
    expect(await more.getAttribute('aria-expanded')).toBe('false');
    await more.click();
    await expect
      .poll(names)
      .toEqual([...two, 'Edit first', 'Ask a question', 'Escalate', 'Leave a note', 'Keep it for me']);
    expect(await axeFindings(page)).toEqual([]);
    await more.click();
    await expect.poll(names).toEqual(two);
    await page.context().close();
  });

  it('R-STORE-08: a case of a group says which one it is, and leads to the others', async () => {
    const page = await world.open(caseAt('group-item-2'));
    await page.getByRole('link', { name: '2 of 4' }).click();
    await page.getByRole('heading', { name: 'of 4 decided' }).waitFor();
    await page.goto(`${world.url}${caseAt('summarize-email')}`);
    await page.getByRole('heading', { name: 'Send this summary' }).waitFor();
    expect(await page.getByText(/\d of \d asked together/).count()).toBe(0);
    await page.context().close();
  });

  it('R-UI-21: an inbox where nothing waits says how many were decided today', async () => {
    const page = await world.open('#/inbox?workflow_id=none');
    await page.getByText(/^Nothing waits for you in this view\. \d+ decided today\.$/).waitFor();
    await page.context().close();
  });

  it('R-UI-07: a case below the limit says so in words, and one above it too', async () => {
    const page = await world.open(caseAt('summarize-email'));
    await page.getByText('below the limit of 78').waitFor();
    await page.goto(`${world.url}${caseAt('order-table')}`);
    await page.getByText('above the limit of 85').waitFor();
    await page.context().close();
  });
});

describe('the page does not move under the hand', () => {
  it.each([
    ...['summarize-email', 'long-email', 'fraud-score', 'approved'].map((name) => [caseAt(name), '.panes']),
    ['#/inbox', '.row'],
  ])('%s: no layout shift on a phone', async (address, there) => {
    expect(await shiftOf(world, address, there)).toBeLessThan(0.01);
  });
});

describe('on a sub-path', () => {
  it('R-UI-02: everything is found below it, the API too', async () => {
    const below = await createWorld({ prefix: '/tools/handoff' });
    const page = await below.open(caseAt('files'));
    await page.getByRole('button', { name: 'Approve payment' }).waitFor();
    await page.locator('.file__picture').waitFor();
    expect(below.faults).toEqual([]);
    await below.close();
  });
});

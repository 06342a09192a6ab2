/** Cases as no workflow should send them, and some do: words without end, nothing at all, a mark in many places. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { still } from './moments';
import { axeFindings, caseAt, createWorld, press, type World } from './world';

const LONG = 'Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetzesangelegenheit';

const ask = (name: string, more: object): object => ({
  name,
  workflow: 'odd-cases',
  title: name,
  question: 'Send what the model wrote?',
  request: { body: 'Please write.' },
  model_output: { text: 'Done.' },
  ...more,
});
const EMPTY: [name: string, output: unknown][] = [
  ['empty-object', {}],
  ['empty-list', []],
  ['empty-text', ''],
  ['blank-text', ' \n '],
  ['empty-value', null],
];
const CASES = [
  ask('long-words', {
    title: LONG,
    question: `Soll die ${LONG} gesendet werden, obwohl die Vertragsverlängerungsvereinbarung nicht unterschrieben ist?`,
    request: { [LONG.toLowerCase()]: LONG, kurz: LONG },
    model_output: { [LONG.toLowerCase()]: LONG, inner: { [LONG.toLowerCase()]: 'ja' } },
    metadata: { impact: LONG, model: { name: LONG, version: LONG } },
  }),
  ...EMPTY.map(([name, model_output]) => ask(name, { model_output })),
  ask('full-output', {}),
  ask('no-request', { request: {} }),
  ask('pause', {
    question: 'Automation of “Odd cases” stands still. May it go on?',
    request: { paused: '“Odd cases”', reason: 'Wrong amounts.', by: 'Mara Lind' },
    model_output: null,
    metadata: { routing: { route: 'synchronous_human_review', lane: 'human_review', queue: null, trace: [] } },
    live: { subject: 'pa_00paused' },
  }),
  ask('marked', {
    request: { body: 'Call me: 030 555 0199.', from: 'jana@nordlicht.example' },
    model_output: { summary: 'Call 030 555 0199.' },
    metadata: {
      flags: ['pii', 'pricing'],
      stop_reasons: [{ kind: 'policy', code: 'pii', text: 'It contains personal data.' }],
      routing: {
        route: 'asynchronous_human_review',
        lane: 'human_review',
        queue: null,
        trace: [
          {
            stage: 'forced_review',
            outcome: 'review',
            route: 'asynchronous_human_review',
            words: 'Contains a phone number (summary). Contains an e-mail address (from).',
            signals: [
              { code: 'pii', source: 'detector:pii', where: '/model_output/summary' },
              { code: 'pii', source: 'detector:pii', where: '/request/body' },
              { code: 'pii', source: 'detector:pii', where: '/request/from' },
              { code: 'pricing', source: 'workflow', where: '/flags' },
            ],
          },
        ],
      },
    },
  }),
];

let world: World;
beforeAll(async () => {
  world = await createWorld({ definitions: CASES });
});
afterAll(() => world.close());

describe('words without end', () => {
  it.each([
    [1440, 900],
    [1024, 768],
    [720, 450],
    [390, 844],
    [320, 568],
  ])('break, so that nothing runs over the edge at %i px', async (width, height) => {
    const page = await world.open(caseAt('long-words'), { viewport: { width, height } });
    await page.locator('.panes').waitFor();
    await still(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect(await axeFindings(page)).toEqual([]);
    await page.context().close();
  });

  it('stand above their value where the column beside it would break them', async () => {
    const page = await world.open(caseAt('long-words'));
    const [long, short] = [
      page.locator('.shown', { hasText: /^Rindfleisch/ }),
      page.locator('.shown', { hasText: /^Kurz/ }),
    ];
    expect(await long.first().getAttribute('data-short')).toBe('false');
    expect(await short.first().getAttribute('data-short')).toBe('true');
  });
});

describe('an output with nothing in it', () => {
  it.each(EMPTY)('%s: is said, not shown as an empty box', async (name) => {
    const page = await world.open(caseAt(name));
    await page.getByText('The output is empty.').waitFor();
    await page.context().close();
  });

  it('nor is a request with nothing in it', async () => {
    const page = await world.open(caseAt('no-request'));
    await page.getByText('The workflow sent nothing here.').waitFor();
    expect(await page.getByText('The output is empty.').count()).toBe(0);
  });

  it('is not said of an output that has something', async () => {
    const page = await world.open(caseAt('full-output'));
    await page.getByText('End of what the model said').waitFor();
    expect(await page.getByText('The output is empty.').count()).toBe(0);
  });
});

describe('the review of a pause', () => {
  it('says what is paused, why, and who resumes it, and nothing of a model or of a workflow that waits', async () => {
    const page = await world.open(caseAt('pause'));
    await page.getByText('Wrong amounts.').waitFor();
    await page.getByText('Somebody who may resume it does that afterwards.').waitFor();
    const said = await page.locator('main').innerText();
    expect(said).not.toMatch(/suggest|confidence|how sure|is waiting for you|goes on with|model/i);
  });

  it('is rejected for reasons that fit it: no category is wrong, and no model saw what is not there', async () => {
    const page = await world.open(caseAt('pause'));
    await press(page, 'Reject');
    const form = page.locator('.act-form');
    await form.getByLabel('Cause not found yet').check();
    expect(await form.locator('.choice').allInnerTexts()).toEqual([
      'Cause not found yet',
      'Not mended yet',
      'It happened again',
      'Needs a specialist',
    ]);
    expect(await form.getByText('Kind of mistake').count()).toBe(0);
    await form.getByLabel('What is wrong with it?').fill('Nobody has looked yet.');
    await press(page, 'Reject', form);
    await page.getByText(/You rejected this at/).waitFor();
    await page.getByText('Reason: Cause not found yet').waitFor();
  });
});

describe('R-UI-07: a mark', () => {
  it('says in which fields it was found, the suggestion first, and nothing where that is not known', async () => {
    const page = await world.open(caseAt('marked'));
    const reasons = page.locator('.reason');
    await reasons.first().waitFor();
    expect(await reasons.allInnerTexts()).toEqual([
      expect.stringMatching(
        /^It contains personal data\.\s+In the suggestion: Summary\. In what came in: Body, From\.$/,
      ),
      expect.stringMatching(/^Marked: pric\w+\.$/),
    ]);
  });
});

describe('a phone', () => {
  it('keeps the answers in one row at the thumb, and unfolds the others from there', async () => {
    const page = await world.open(caseAt('full-output'), { viewport: { width: 390, height: 844 } });
    const bar = page.locator('.controls');
    await bar.waitFor();
    await still(page);
    expect((await bar.boundingBox())?.height).toBeLessThan(80);
    await press(page, 'More ways to answer');
    await page.getByRole('button', { name: 'Edit first' }).waitFor();
    await still(page);
    expect(await axeFindings(page)).toEqual([]);
  });
});

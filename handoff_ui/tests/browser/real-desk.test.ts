import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReal, type Real } from './real';
import { axeFindings, press, typeToConfirm } from './world';

let real: Real;
let browser: Browser;
let page: Page;
const faults: string[] = [];

interface Opened {
  id: string;
  package_digest: string;
}
interface Rows {
  items: { id: string; question: string; state: string; claim: object | null; decision: { event_id: string } | null }[];
}

let keys = 0;
const open = (more: object): Promise<Opened> =>
  real.send(
    'POST',
    '/v1/handoffs',
    {
      workflow_id: 'reply-draft',
      title: 'Where is my parcel?',
      question: 'Send this reply to the customer?',
      request: { message: 'Where is my parcel?' },
      model_output: { reply: 'Your parcel left our warehouse this morning.' },
      confidence: 0.71,
      risk_tier: 'low',
      expires_in_s: 86_400,
      ...more,
    },
    { 'Idempotency-Key': `desk-${(keys += 1)}` },
  );
const questions = (): Promise<string[]> => page.locator('.row__link').allInnerTexts();
const rows = (query: string): Promise<Rows> => real.send('GET', `/v1/handoffs?${query}`);

beforeAll(async () => {
  real = await createReal();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  const { enrolUrl } = await real.person('Mara Lind', 'approver');
  page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(enrolUrl);
  await typeToConfirm(page, 'mine');
  await page.getByText('This browser is signed in now.').waitFor();
});
afterAll(async () => {
  await browser?.close();
  await real?.close();
});

describe('the inbox of the real companion', () => {
  it('R-UI-21, R-STORE-11: has the order of the companion, filters it knows, and a search', async () => {
    await open({
      workflow_id: 'refunds',
      title: 'Small',
      question: 'Refund 4 EUR?',
      category: 'refund',
      expires_in_s: 3600,
    });
    await open({
      workflow_id: 'refunds',
      title: 'Large',
      question: 'Refund 9,000 EUR?',
      category: 'refund',
      risk_tier: 'high',
      impact: '9,000 EUR leave the account.',
      service_tier: 3,
    });
    await page.goto(`${real.url}/#/inbox?workflow_id=refunds`);
    await expect.poll(questions, { timeout: 10_000 }).toEqual(['Refund 9,000 EUR?', 'Refund 4 EUR?']);
    const row = await page.locator('.row').first().innerText();
    for (const words of ['Refund', 'High risk', '9,000 EUR leave the account.', 'nobody yet'])
      expect(row).toContain(words);
    await page.getByLabel('Risk').selectOption('low');
    await expect.poll(questions).toEqual(['Refund 4 EUR?']);
    await page.goto(`${real.url}/#/inbox?q=9%2C000`);
    await expect.poll(questions).toEqual(['Refund 9,000 EUR?']);
    expect(await axeFindings(page)).toEqual([]);
  });
});

describe('R-UI-16: a batch of ten with one outlier', () => {
  it('shows it apart, needs it included or left out, and writes one record for each case', async () => {
    const opened: Opened[] = [];
    for (let at = 0; at < 9; at += 1) opened.push(await open({ confidence: 0.78 + at / 200 }));
    const outlier = await open({ confidence: 0.6, title: 'The box was damaged.' });
    await page.goto(`${real.url}/#/inbox?workflow_id=reply-draft`);
    await page.getByRole('link', { name: 'Decide 10 similar ones together' }).click();
    await press(page, 'Take them');
    await page.locator('.item__output .quote').nth(9).waitFor();
    const apart = page.locator('.item--apart');
    expect(await apart.count()).toBe(1);
    expect(await apart.innerText()).toContain('The box was damaged.');
    expect((await apart.locator('.item__why').innerText()).length).toBeGreaterThan(10);
    const held = (await rows('state=open&workflow_id=reply-draft')).items;
    expect(held.filter(({ claim }) => claim !== null)).toHaveLength(10);
    await page.getByText('Say first whether the case that stands apart is included.').waitFor();
    await press(page, 'Include it');
    await press(page, /^Approve/);
    await page.getByRole('heading', { name: '10 cases approved' }).waitFor();
    const decided = (await rows('state=decided&workflow_id=reply-draft')).items;
    const records = decided.map(({ decision }) => decision?.event_id);
    expect(new Set(records).size).toBe(10);
    expect(new Set(await page.locator('.item--result code').allInnerTexts())).toEqual(new Set(records));
    expect(decided.map(({ id }) => id)).toContain(outlier.id);
    expect(faults).toEqual([]);
  });

  it('gives back what was left out', async () => {
    for (let at = 0; at < 3; at += 1) await open({ workflow_id: 'left-out', confidence: 0.7 });
    await page.goto(`${real.url}/#/inbox?workflow_id=left-out`);
    await page.getByRole('link', { name: 'Decide 3 similar ones together' }).click();
    await press(page, 'Take them');
    await page.locator('.item__output .quote').nth(2).waitFor();
    await page.locator('.item__main').first().uncheck();
    await page.getByText('2 cases of 3 included.').waitFor();
    await press(page, /^Approve/);
    await page.getByRole('heading', { name: '2 cases approved' }).waitFor();
    const left = (await rows('state=open&workflow_id=left-out')).items;
    expect(left.map(({ state, claim }) => [state, claim])).toEqual([['pending', null]]);
  });
});

import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer, FIELD, send } from './policy-page';
import { createReal, type Real } from './real';
import { axeFindings, press, typeToConfirm } from './world';

const WORKFLOW = 'summarize-email';
const RULES = `#/policies/${WORKFLOW}`;
const BECAUSE = { reason_code: 'policy_violation', rationale: 'It names a customer.' };

let real: Real;
let browser: Browser;
let [mara, jonas]: [Page, Page] = [null as never, null as never];
const faults: string[] = [];

/** Signs a fresh browser in with the one-time link, by typing the word that stands for holding the button. */
async function enrolled(enrolUrl: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  page.setDefaultTimeout(15_000);
  page.on('pageerror', (error) => faults.push(error.message));
  await page.goto(enrolUrl);
  await typeToConfirm(page, 'mine');
  await page.getByText('This browser is signed in now.').waitFor();
  return page;
}

const item = (confidence: number, more = {}) => ({
  workflow_id: WORKFLOW,
  request: { email: 'Where is my order?' },
  model_output: { summary: 'Asks for the order.' },
  title: 'Summary of a support email',
  confidence,
  risk_score: 0.1,
  reversible: true,
  ...more,
});
const go = (page: Page, address: string) => page.goto(`${real.url}/${address}`);
const routeOf = async (confidence: number): Promise<{ route: string; paused: unknown }> =>
  (await (real.send('POST', '/v1/routes', { items: [item(confidence)] }) as Promise<{ items: never[] }>))
    .items[0] as never;

beforeAll(async () => {
  real = await createReal();
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  const [operator, governance] = [
    await real.person('Mara Lind', 'approver', 'operator'),
    await real.person('Jonas Weber', 'approver', 'governance', 'on_call'),
  ];
  const confidences = Array.from({ length: 40 }, (_, at) => 0.6 + at / 100);
  await real.send('POST', '/v1/routes', { items: confidences.map((confidence) => item(confidence)) });
  for (const confidence of [0.71, 0.76, 0.77]) {
    const opened: { id: string; package_digest: string } = await real.send('POST', '/v1/handoffs', item(confidence), {
      'Idempotency-Key': `case-${confidence}`,
    });
    const body = { action: 'reject', package_digest: opened.package_digest, ...BECAUSE };
    const headers = { Authorization: `Bearer ${operator.token}`, 'If-Match': '"1"' };
    await real.send('POST', `/v1/handoffs/${opened.id}/decision`, body, headers);
  }
  [mara, jonas] = [await enrolled(operator.enrolUrl), await enrolled(governance.enrolUrl)];
});
afterAll(async () => {
  await browser?.close();
  await real?.close();
});

describe('with the real companion', () => {
  it('R-ROUTE-06, R-ROLE-13: an operator moves a number within the bounds, and the next item is routed by it', async () => {
    expect((await routeOf(0.8)).route).toBe('auto_commit');
    await go(mara, RULES);
    await answer(mara).getByText('This is what the saved rules do.').waitFor();
    await mara.getByRole('textbox', { name: 'Who answers for it' }).fill('Support operations');
    await mara.getByLabel('How to reach them').fill('#support-ops');
    expect(await mara.getByLabel(FIELD).inputValue()).toBe('78');
    await mara.getByLabel(FIELD).fill('85');
    await expect.poll(() => answer(mara).innerText()).toMatch(/^\d+ of \d+ cases would have gone another way/);
    await mara.getByText('Active now, as soon as you save.').waitFor();
    expect(await axeFindings(mara)).toEqual([]);
    await send(mara, /^Save…/, /^Save and make it active/, 'Too many wrong summaries last week.');
    await mara.getByText('Version 1 is active now.').waitFor();
    expect((await routeOf(0.8)).route).toBe('asynchronous_human_review');
  });

  it('R-GOV-16, X-16: what would let refused cases through waits, until somebody else of governance signs it off', async () => {
    await go(mara, RULES);
    await mara.getByLabel(FIELD).fill('70');
    await mara.locator('.simulation__wrong').getByText('3 decided cases').waitFor();
    await mara.getByText(/^Waits for .*governance\)?, because 3 more cases/).waitFor();
    await send(mara, /^Propose…/, /^Send to governance/, 'Fewer questions.');
    await mara.getByText('Version 1 stays active until somebody signs').waitFor();
    await mara.getByText('You proposed it, so somebody else signs it off.').waitFor();
    expect((await routeOf(0.8)).route).toBe('asynchronous_human_review');

    await go(jonas, '#/policies');
    await jonas.getByText('a proposal waits for you').waitFor();
    await jonas.locator('.row__link').first().click();
    await jonas.getByRole('heading', { name: /Mara Lind proposes/ }).waitFor();
    await jonas.locator('.proposal').getByText('85 % → 70 %').waitFor();
    await press(jonas, 'See what it would do');
    await expect.poll(() => answer(jonas).innerText()).toMatch(/^\d+ of/);
    await send(jonas, /^Sign off…/, /^Sign off and make it active/, 'Agreed for a week.');
    await jonas.getByText('Signed off. The new version is active now.').waitFor();
    expect((await routeOf(0.8)).route).toBe('auto_commit');
  });

  it('412: somebody else saves meanwhile; the number that was typed stays, and what changed is shown', async () => {
    await go(mara, RULES);
    await mara.getByLabel(FIELD).fill('88');
    await mara.getByText('1 change.').waitFor();
    await go(jonas, RULES);
    await jonas.getByRole('textbox', { name: 'Ask a person above risk' }).fill('0.5');
    await press(jonas, /^Save…/);
    await jonas.locator('.reason-form textarea').fill('Less risk.');
    // Between her press and its arrival: her page, which looks every 15 s, cannot have learnt of it before.
    let isFirst = true;
    await mara.route(`**/v1/policies/${WORKFLOW}`, async (route) => {
      if (route.request().method() === 'PUT' && isFirst) {
        isFirst = false;
        await press(jonas, /^Save and make it active/);
        await jonas.getByText('Version 3 is active now.').waitFor();
      }
      await route.continue();
    });
    await send(mara, /^Save…/, /^Save and make it active/, 'More care.');
    await mara.getByText('Jonas Weber saved version 3 meanwhile.').waitFor();
    expect(await mara.getByLabel(FIELD).inputValue()).toBe('88');
    await send(mara, /^Save…/, /^Save and make it active/, 'More care.');
    await mara.getByText('Version 4 is active now.').waitFor();
  });

  it('R-GOV-22: the versions say who, why, who signed off and what changed; one can go back', async () => {
    await go(mara, `${RULES}/versions`);
    await mara.getByText('signed off by Jonas Weber').first().waitFor();
    await mara.locator('.version').getByText('85 % → 70 %').waitFor();
    expect(await axeFindings(mara)).toEqual([]);
    const third = mara.locator('.version', { has: mara.getByRole('heading', { name: 'Version 3' }) });
    await press(mara, 'Go back to this version…', third);
    await mara.locator('.reason-form textarea').fill('The care costs too much.');
    await press(mara, /^(Save it as version 5|Send to governance)/);
    await mara.getByText(/Version 5 is active now|Sent to governance/).waitFor();
  });

  it('the first rules of a workflow can begin from other built-in ones', async () => {
    await go(mara, '#/policies/payment-check');
    await mara.getByLabel('Begin from').selectOption('fraud');
    await mara.getByText('Block it when the score is above').waitFor();
    await mara.getByRole('textbox', { name: 'Who answers for it' }).fill('Risk');
    await mara.getByLabel('How to reach them').fill('#risk');
    await mara.getByText(/^Waits for .*governance\)?, because .* more reasons\.$/).waitFor();
    await send(mara, /^Propose…/, /^Send to governance/, 'Payments are about fraud.');
    await mara.getByText('The present rules stay active until somebody signs the new ones off.').waitFor();
  });

  it('a file of past items is tried, and what cannot be used in it is said by item', async () => {
    await go(mara, RULES);
    await mara.getByText('Try them on a file instead').click();
    const choose = (text: string) =>
      mara
        .locator('.from-file input[type=file]')
        .setInputFiles({ name: 'items.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await choose('item_id,confidence,reversible,outcome\na,0.7,yes,rejected\nb,0.99,yes,approved\n');
    await mara.getByText('Over 2 cases of items.csv.').waitFor();
    await choose('item_id,confidence\na,0.7\nb,7\n');
    await mara.getByText(/^Item 2 of the file cannot be used/).waitFor();
  });

  it('a case says under which version it stands and shows the way through the rules in words', async () => {
    const opened: { id: string } = await real.send('POST', '/v1/handoffs', item(0.65, { flags: ['pii'] }), {
      'Idempotency-Key': 'case-to-look-at',
    });
    await go(mara, `#/h/${opened.id}`);
    await mara.getByText('It is decided under').waitFor();
    await mara.getByText('How the rules came to that').click();
    await expect.poll(() => mara.locator('.trace__step').count()).toBeGreaterThan(2);
    await mara.locator('.trace__step').getByText('personal data').first().waitFor();
    expect(await axeFindings(mara)).toEqual([]);
    await mara.getByRole('link', { name: /^version \d of its rules/ }).click();
    await mara.locator('.version').first().waitFor();
  });

  it('H6, R-CONT-08: a pause stops what goes through, every page says it, and only a fresh review ends it', async () => {
    expect((await routeOf(0.97)).route).toBe('auto_commit');
    await go(mara, RULES);
    await press(mara, 'Pause this workflow…');
    await mara.locator('.reason-form textarea').fill('Wrong summaries since noon.');
    await typeToConfirm(mara, 'pause');
    await mara.locator('.paused').waitFor();
    expect(await routeOf(0.97)).toMatchObject({
      route: 'synchronous_human_review',
      paused: expect.anything() as never,
    });

    await go(jonas, '#/inbox');
    // A page that is open looks every ten seconds.
    await jonas.locator('.paused').getByText('Wrong summaries since noon.').waitFor({ timeout: 30_000 });
    await jonas.locator('.paused').getByRole('link', { name: 'Resume…' }).click();
    await send(jonas, /^Resume…/, /^Resume now/, 'The model was rolled back.');
    await jonas.getByText('Its review is not approved yet').waitFor();
    await jonas.locator('.pause').getByRole('link', { name: 'Open its review' }).click();
    await press(jonas, jonas.locator('button[name=approve]'));
    await jonas.getByText(/You approved this at/).waitFor();
    await jonas.locator('.paused').getByRole('link', { name: 'Resume…' }).click();
    await send(jonas, /^Resume…/, /^Resume now/, 'The model was rolled back.');
    await jonas.locator('.paused').waitFor({ state: 'detached' });
    expect((await routeOf(0.97)).route).toBe('auto_commit');
    expect(faults).toEqual([]);
  });
});

import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { cutOff, sentBy } from './moments';
import { caseAt, createWorld, idOf, press, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createWorld();
});
afterAll(() => world.close());

const stateOf = (name: string): string => world.companion.find(idOf(name)).state as string;

describe('deciding', () => {
  it('R-UI-12, R-UI-27: one press approves; the receipt names the record, and the focus stands on Next', async () => {
    const page = await world.open(caseAt('no-confidence'));
    await press(page, 'Approve');
    await page.getByText(/You approved this at/).waitFor();
    const { event_id } = world.companion.find(idOf('no-confidence')).decision as { event_id: string };
    await page.getByText(event_id).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toMatch(/^Next \(\d+ waiting\)$/);
    await page.getByText('The workflow has the answer.').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Block this card payment' }).waitFor();
  });

  it('H1: sends the version that was looked at and the digests of what was shown', async () => {
    const page = await world.open(caseAt('no-confidence'));
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    const sent = page.waitForRequest((request) => request.method() === 'POST');
    await press(page, 'Approve');
    const request = await sent;
    expect(request.headers()['if-match']).toBe('"1"');
    expect(request.postDataJSON()).toMatchObject({
      action: 'approve',
      package_digest: world.companion.find(idOf('no-confidence')).digest,
    });
    expect((request.postDataJSON() as { view_digest: string }).view_digest).toMatch(/^sha256:/);
  });

  it('R-UI-14, R-UI-15: rejecting asks for a reason and a sentence, and sends nothing before', async () => {
    const page = await world.open(caseAt('summarize-email'));
    const sent = sentBy(page);
    await press(page, 'Reject');
    await press(page, 'Reject', page.locator('.act-form'));
    await page.getByText('Choose a reason.').waitFor();
    await page.getByText('Write a sentence').waitFor();
    await page.getByLabel('Insufficient evidence').check();
    await page.getByLabel('What is wrong with it?').fill('No source.');
    await press(page, 'Reject', page.locator('.act-form'));
    await page.getByText(/You rejected this at/).waitFor();
    expect(world.companion.find(idOf('summarize-email')).decision).toMatchObject({
      reason_code: 'insufficient_evidence',
      rationale: 'No source.',
    });
    expect(sent).toEqual([`POST /v1/handoffs/${idOf('summarize-email')}/decision`]);
  });

  it('R-UI-22: an edit is made field by field, keeps its types, and is sent as a whole', async () => {
    const page = await world.open(caseAt('nested'));
    await press(page, 'More ways to answer');
    await press(page, 'Edit first');
    await page.getByLabel('City').fill('Kiel');
    await page.getByLabel('Credit limit EUR').fill('18000.5');
    await page.getByLabel('Active').selectOption('No');
    await page.locator('.changes ins', { hasText: 'Kiel' }).waitFor();
    await page.getByLabel('Wrong category').check();
    await page.getByLabel('What did you change').fill('New address.');
    await press(page, 'Approve edited version');
    await page.getByText(/You approved an edited version at/).waitFor();
    await page.getByRole('heading', { name: 'The approved version' }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toMatch(/^Next/);
    expect((world.companion.find(idOf('nested')).lastBody as { edited_output: unknown }).edited_output).toEqual({
      customer: {
        id: 1180,
        name: 'Hansa Werkzeug KG',
        vat_id: 'DE811234567',
        active: false,
        address: { street: 'Am Kai 4', city: 'Kiel', post_code: '23552' },
      },
      tags: ['b2b', 'north'],
      credit_limit_eur: 18000.5,
      remark: null,
    });
  });

  it('a number that is none keeps an edit from being sent', async () => {
    const page = await world.open(caseAt('nested'));
    await press(page, 'More ways to answer');
    await press(page, 'Edit first');
    await page.getByLabel('Credit limit EUR').fill('18,000');
    await page.getByText('Write a number like').waitFor();
    await page.getByText('One field holds something that is not a number.').waitFor();
  });

  it('R-UI-20: the first of two approvals is told as such, and leaves the first reviewer nothing to decide', async () => {
    const page = await world.open(caseAt('two-approvals'));
    await press(page, 'Approve and send');
    await page.getByText('Your approval is recorded.').waitFor();
    await page.getByText('You approved this first.').waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toMatch(/^Next/);
    expect(await page.getByRole('button', { name: /Approve|Reject/ }).count()).toBe(0);
  });

  it('R-UI-24: a note is kept and decides nothing', async () => {
    const page = await world.open(caseAt('summarize-email'));
    await press(page, 'More ways to answer');
    await press(page, 'Leave a note');
    await page.getByLabel('It decides nothing').fill('Asked Jana.');
    await press(page, 'Keep the note');
    await page.getByText('Your note is kept.').waitFor();
    await page.getByText('Asked Jana.').waitFor();
    expect(stateOf('summarize-email')).toBe('pending');
  });
});

describe('R-ACT-06, X-07: taking an approval back', () => {
  it('is folded, asks for a reason and a sentence, and says that the workflow is not called again', async () => {
    const page = await world.open(caseAt('approved'));
    const sent = sentBy(page);
    await press(page, 'Take this approval back');
    await page.getByText('the workflow is not called again').waitFor();
    await press(page, 'Take it back');
    await page.getByText('Choose a reason.').waitFor();
    await page.getByText('Write a sentence').waitFor();
    await page.getByLabel('Policy violation').check();
    await page.getByLabel('Why does the approval no longer hold?').fill('It names a customer.');
    await press(page, 'Take it back');
    await page.getByRole('heading', { name: 'This was approved, and the approval was taken back' }).waitFor();
    await page.getByText('It is not called again').waitFor();
    expect(await page.getByRole('button', { name: /[Tt]ake/ }).count()).toBe(0);
    expect(stateOf('approved')).toBe('rolled_back');
    expect(sent).toEqual([`POST /v1/handoffs/${idOf('approved')}/rollback`]);
  });

  it('is not offered on what was not approved, nor to a personal link', async () => {
    for (const [name, who] of [
      ['rejected', 'mara'],
      ['expired', 'mara'],
      ['approved', 'link'],
    ] as const) {
      const page = await world.open(caseAt(name), { who });
      await page.locator('.outcome').waitFor();
      expect(await page.getByRole('button', { name: 'Take this approval back' }).count()).toBe(0);
    }
  });
});

describe('somebody else was first', () => {
  it('a case that was decided meanwhile says who, when, what, and that nothing was sent twice', async () => {
    const page = await world.open(caseAt('no-confidence'));
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    await cutOff(page);
    const found = world.companion.find(idOf('no-confidence'));
    const jonas = { reviewer: { id: 'rv_jonas00000000000', name: 'Jonas Weber' }, assurance: 'signed_in' };
    world.companion.decide(found.id, jonas, 1, {
      action: 'approve',
      package_digest: found.digest,
      reason_code: null,
      rationale: null,
    });
    await press(page, 'Approve');
    await page.getByText(/Jonas Weber approved this at \d\d:\d\d/).waitFor();
    await page.getByText('Nothing was sent twice.').waitFor();
  });

  it('the live state follows within seconds: claims, other versions, expiry', async () => {
    const page = await world.open(caseAt('no-confidence'));
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    world.companion.change(idOf('no-confidence'), {
      state: 'claimed',
      claim: { by: { id: 'rv_jonas00000000000', name: 'Jonas Weber' }, untilMs: Date.now() + 60_000 },
    });
    await page.getByText('It is theirs until').waitFor();
    world.companion.change(idOf('no-confidence'), { state: 'pending', claim: null });
    world.companion.revise(idOf('no-confidence'), 'Unload the delivery at gate 4.');
    await page.getByText('The content of this case changed while you were reading.').waitFor();
    expect(await page.getByText('gate 3').count()).toBe(1);
    await press(page, 'Show the new version');
    await page.getByText('gate 4').waitFor();
    await page.getByText('The content of this case changed').waitFor({ state: 'detached' });
    world.companion.change(idOf('no-confidence'), {
      state: 'expired',
      decision: { action: null, cause: 'expired', event_id: 'e', edited: false, reason_code: null, rationale: null },
    });
    await page.getByText('Nobody decided in time').waitFor();
  });

  it('412: a press on an older version decides nothing and offers the new one', async () => {
    const page = await world.open(caseAt('no-confidence'));
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    const letHear = await cutOff(page);
    world.companion.revise(idOf('no-confidence'), 'Unload at gate 4.');
    await press(page, 'Approve');
    await page.getByText('Look at the new version first.').first().waitFor();
    expect(stateOf('no-confidence')).toBe('pending');
    await letHear();
    await press(page, 'Show the new version');
    await page.getByText('gate 4').waitFor();
  });
});

describe('the connection breaks at the press', () => {
  it('the decision had arrived: the receipt is shown, nothing is sent again', async () => {
    const page = await world.open(caseAt('no-confidence'));
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    world.companion.breakAnswers = true;
    await press(page, 'Approve');
    await page.getByText('Your decision had arrived, although the connection broke.').waitFor();
    await page.getByText(/You approved this at/).waitFor();
  });

  it('it had not: what was written is kept, and it can be sent again', async () => {
    const page = await world.open(caseAt('summarize-email'));
    await press(page, 'Reject');
    await page.getByLabel('Policy violation').check();
    await page.getByLabel('What is wrong with it?').fill('Names a person.');
    world.companion.down = true;
    const broke = page.getByText('The connection broke while sending.');
    await press(page, 'Reject', page.locator('.act-form'));
    await broke.waitFor();
    world.companion.down = false;
    await page.getByText('It did not arrive.').waitFor();
    expect(await page.getByLabel('What is wrong with it?').inputValue()).toBe('Names a person.');
    expect(stateOf('summarize-email')).toBe('pending');
    await press(page, 'Send it again');
    await page.getByText(/You rejected this at/).waitFor();
  });

  it('A1: a note that is sent again carries the same key, and another note another one', async () => {
    const page = await world.open(caseAt('summarize-email'));
    const keys: (string | undefined)[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/annotations')) keys.push(request.headers()['idempotency-key']);
    });
    const note = async (text: string): Promise<void> => {
      await page.keyboard.press('n');
      await page.getByLabel('It decides nothing').fill(text);
      await press(page, 'Keep the note');
    };
    await page.getByRole('button', { name: 'Approve and send' }).waitFor();
    world.companion.down = true;
    await note('Asked Jana.');
    await page.getByText('The connection broke while sending.').waitFor();
    world.companion.down = false;
    await page.getByText('It did not arrive.').waitFor();
    await press(page, 'Send it again');
    await page.getByText('Your note is kept.').waitFor();
    await page.locator('.act-form').waitFor({ state: 'detached' });
    await note('She agrees.');
    await page.getByText('She agrees.').waitFor();
    const [first, again, other] = [keys[0], keys.at(-2), keys.at(-1)];
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
    expect(world.companion.find(idOf('summarize-email')).notes).toHaveLength(2);
  });

  it('the companion is away: the case stays readable, and says so', async () => {
    const page = await world.open(caseAt('no-confidence'));
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    world.companion.down = true;
    await page.getByText('Handoff does not answer right now.').waitFor();
    expect(await page.getByText('gate 3').count()).toBe(1);
    world.companion.down = false;
    // It asks more and more seldom the longer nobody answers, and every half minute at the least.
    await page.getByText('Handoff does not answer right now.').waitFor({ state: 'detached', timeout: 40_000 });
  });
});

describe('session and token', () => {
  it('a session that ends keeps what was written', async () => {
    const page = await world.open(caseAt('summarize-email'));
    await press(page, 'Reject');
    await page.getByLabel('What is wrong with it?').fill('Kept.');
    await page.context().addCookies([{ name: 'fixture_who', value: 'none', url: world.url }]);
    await page.getByText('Your session ended.').waitFor();
    expect(await page.getByLabel('What is wrong with it?').inputValue()).toBe('Kept.');
    await page.context().addCookies([{ name: 'fixture_who', value: 'mara', url: world.url }]);
    await press(page, 'I am signed in again');
    await page.getByText('Your session ended.').waitFor({ state: 'detached' });
    expect(await page.getByLabel('What is wrong with it?').inputValue()).toBe('Kept.');
  });

  it('a token that expires in an open tab is fetched anew, without a word', async () => {
    // Fetched anew in its last minute, and good for long enough that it is not over before it is checked.
    world.companion.tokenLifetimeS = 50;
    const page = await world.open(caseAt('no-confidence'));
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    world.companion.tokenLifetimeS = 900;
    await page.waitForResponse((response) => response.url().endsWith('/package'));
    await press(page, 'Approve');
    await page.getByText(/You approved this at/).waitFor();
  });
});

it('what was approved in an edited version ends as that, and not as what the model said', async () => {
  const page = await world.open(caseAt('approved-edited'));
  await page.getByText('End of the approved version').waitFor();
  expect(await page.getByText('End of what the model said').count()).toBe(0);
});

it('R-UI-22: a short text that grows in an edit is seen whole, and stays one line', async () => {
  const page = await world.open(caseAt('nested'));
  await press(page, 'More ways to answer');
  await press(page, 'Edit first');
  const field = page.getByLabel('City');
  const before = (await field.boundingBox())?.height ?? 0;
  await field.fill('Kiel, where the harbour is, '.repeat(8));
  await expect.poll(async () => (await field.boundingBox())?.height ?? 0).toBeGreaterThan(before * 1.5);
  await field.press('Enter');
  expect(await field.inputValue()).not.toContain('\n');
});

import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { DESK_CASES } from '../../dev/fixtures/desk-cases.mjs';
import { caseAt, createWorld, idOf, press, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createWorld({ definitions: DESK_CASES });
});
afterAll(() => world.close());

interface Found {
  state: string;
  stage: string;
  level: number;
  lastBody: Record<string, unknown>;
  acts?: string[];
}
const found = (name: string): Found => world.companion.find(idOf(name)) as unknown as Found;
const check = (page: Page, title: string, answer: string): Promise<void> =>
  page.getByRole('group', { name: title }).getByLabel(answer, { exact: true }).check();
/** The page takes presses again. */
const atRest = (page: Page): Promise<void> =>
  page.locator('.actions__main [data-guarded]:not([data-resting=true])').first().waitFor();
/** Presses until it is heard: right after anything moved, the page listens to nobody. */
async function act(button: Locator, effect: Locator): Promise<void> {
  await expect
    .poll(
      async () => {
        if (!(await effect.isVisible())) await button.click({ timeout: 2_000 }).catch(() => undefined);
        return effect.isVisible();
      },
      { timeout: 20_000 },
    )
    .toBe(true);
}
const main = (page: Page, name: string | RegExp) => page.locator('.actions__main').getByRole('button', { name });

describe('R-UI-19, R-GATE-03: the checklist', () => {
  it('asks for pass or fail of each item, and approve stays off until all are answered', async () => {
    const page = await world.open(caseAt('two-gates'));
    await page.getByText('Answer each check first: 4 open.').waitFor();
    expect(await main(page, 'Approve and send').getAttribute('data-off')).toBe('true');
    expect(await page.locator('.check input:checked').count()).toBe(0);
    await page.keyboard.press('a');
    await check(page, 'Source evidence present', 'Pass');
    await page.getByText('Opens once “Factual correctness” has passed.').waitFor();
    await check(page, 'Entity match verified', 'Pass');
    await check(page, 'No prohibited content', 'Pass');
    await page.getByText('Answer each check first: 1 open.').waitFor();
    expect(found('two-gates').state).toBe('pending');
    await check(page, 'User-facing language approved', 'Not applicable');
    await act(main(page, 'Approve and send'), page.getByText(/You approved this at/));
    expect(found('two-gates').lastBody.gate_results).toEqual([
      { gate: 'facts', item: 'evidence', result: 'pass' },
      { gate: 'facts', item: 'entity', result: 'pass' },
      { gate: 'tone', item: 'prohibited', result: 'pass' },
      { gate: 'tone', item: 'language', result: 'not_applicable' },
    ]);
  });

  it('R-GATE-04: a failed item makes the main button send it back, with a reason code and every answer', async () => {
    const page = await world.open(caseAt('two-gates'));
    await check(page, 'Source evidence present', 'Fail');
    await page.getByLabel('What is wrong: Source evidence present').fill('No order number.');
    expect(await main(page, 'Approve and send').count()).toBe(0);
    await act(main(page, 'Send back: a check failed'), page.locator('.act-form'));
    await act(
      page.locator('.act-form').getByRole('button', { name: 'Send it back' }),
      page.getByText('Choose a reason.'),
    );
    await page.getByLabel('Insufficient evidence').check();
    await page.getByLabel('What failed, and what has to change?').fill('Name the order.');
    await act(
      page.locator('.act-form').getByRole('button', { name: 'Send it back' }),
      page.getByText('Your checks are recorded.'),
    );
    await page.getByText('Escalated to level 2').waitFor();
    expect(found('two-gates').lastBody).toMatchObject({
      reason_code: 'insufficient_evidence',
      answers: [{ gate: 'facts', item: 'evidence', result: 'fail', note: 'No order number.' }],
    });
  });

  it('an edit is checked from the beginning, and again when it changes; the answers of the original stay', async () => {
    const page = await world.open(caseAt('two-gates'));
    const open = page.locator('.check[data-result=open]');
    await check(page, 'Source evidence present', 'Pass');
    await expect.poll(() => open.count()).toBe(3);
    await page.getByRole('button', { name: 'More ways to answer' }).click();
    await act(page.getByRole('button', { name: 'Edit first' }), page.locator('.input--quoted').first());
    const field = page.locator('textarea.input--quoted').first();
    await field.fill('Another text');
    await page.getByText('each check is answered for your version').waitFor();
    expect(await open.count()).toBe(4);
    await check(page, 'Source evidence present', 'Pass');
    await expect.poll(() => open.count()).toBe(3);
    await field.fill('Yet another text');
    await expect.poll(() => open.count()).toBe(4);
    await press(page, 'Stop editing');
    await expect.poll(() => open.count()).toBe(3);
  });

  it('is answered with the keyboard alone', async () => {
    const page = await world.open(caseAt('two-gates'));
    await press(page, 'Go to the checks');
    const focused = () => page.evaluate(() => (document.activeElement as HTMLInputElement).value);
    await expect.poll(focused).toBe('pass');
    for (const key of ['Space', 'Tab', 'Space', 'Tab', 'Space', 'Tab', 'ArrowRight', 'ArrowRight']) {
      await page.keyboard.press(key);
    }
    await expect.poll(focused).toBe('not_applicable');
    await page.getByText('Every check is answered.').waitFor();
    await atRest(page);
    await page.keyboard.press('a');
    await page.getByText(/You approved this at/).waitFor();
  });

  it('R-ROLE-01: a verifier records the checks and is offered no decision', async () => {
    const page = await world.open(caseAt('only-checks'));
    await page.getByText('Answer each check first').waitFor();
    expect(await page.getByRole('button', { name: /Approve|Reject|Record/ }).count()).toBe(0);
    for (const title of ['Source evidence present', 'Entity match verified', 'No prohibited content']) {
      await check(page, title, 'Pass');
    }
    await check(page, 'User-facing language approved', 'Pass');
    await act(
      page.getByRole('button', { name: 'Record the checks', exact: true }),
      page.getByText('Your checks are recorded.'),
    );
    await page.getByText('Pass, by Mara Lind at').first().waitFor();
    expect(found('only-checks').acts).toEqual(['verifications']);
  });
});

describe('R-UI-22: the form of the workflow', () => {
  it('is filled in, shows what was corrected, and sends it', async () => {
    const page = await world.open(caseAt('filled-form'));
    expect(await page.getByLabel('Category').inputValue()).toBe('late_delivery');
    expect(await page.getByLabel('Priority').inputValue()).toBe('normal');
    expect(await page.getByLabel('Summary').inputValue()).toMatch(/^The parcel/);
    expect(await page.getByLabel('Recommended action').inputValue()).toBe('Refund 40 EUR');
    await page.getByText('Nothing is corrected.').waitFor();
    await page.getByLabel('Category').selectOption('Delivery damage');
    await page.getByLabel('Amount in EUR').fill('35.5');
    await page.getByText('2 corrections: Category, Amount in EUR.').waitFor();
    await page.locator('.changes ins', { hasText: '35.5' }).waitFor();
    await act(main(page, 'Approve and send'), page.getByText(/You approved this at/));
    await page.getByText('Corrected: Category, Amount in EUR.').waitFor();
    expect(found('filled-form').lastBody.response).toEqual({
      category: 'delivery_damage',
      priority: 'normal',
      summary: 'The parcel arrived broken; the customer wants the money back.',
      recommended_action: 'Refund 40 EUR',
      amount: 35.5,
      goodwill: true,
    });
  });

  it('is not sent while something is missing or no number, and rejecting needs none of it', async () => {
    const page = await world.open(caseAt('filled-form'));
    await page.getByLabel('Recommended action').fill('');
    await page.getByLabel('Amount in EUR').fill('4,5');
    await page.getByText('Fill in first: Recommended action, Amount in EUR.').waitFor();
    await page.keyboard.press('Escape');
    expect(await main(page, 'Approve and send').getAttribute('data-off')).toBe('true');
    expect(await main(page, 'Reject').getAttribute('data-off')).toBe('false');
  });
});

describe('R-ROLE-01: triage', () => {
  it('sorts the case, and only then it can be decided; risk is not lowered', async () => {
    const page = await world.open(caseAt('to-sort'));
    await page.locator('.stage', { hasText: 'It is sorted first; nobody decides it before that.' }).waitFor();
    expect(await page.locator('.blocked').count()).toBe(0);
    const tiers = await page.getByLabel('How risky is it?').locator('option').allInnerTexts();
    expect(tiers).toEqual(['Medium risk', 'High risk', 'Critical risk']);
    await page.getByLabel('What is it about?').fill('identity');
    await page.getByLabel('Who works on it?').selectOption('Identity and access');
    await page.getByLabel('How risky is it?').selectOption('High risk');
    await act(
      page.getByRole('button', { name: 'Sort it, and pass it on', exact: true }),
      page.getByText('Sorted. Reviewers see it now.'),
    );
    expect(found('to-sort').lastBody).toEqual({
      category: 'identity',
      queue: 'identity',
      risk_tier: 'high',
      reason_code: null,
      rationale: null,
    });
    expect(found('to-sort').stage).toBe('review');
  });
});

describe('undo', () => {
  it('counts down, is one press or u, asks nothing, and opens the case again', async () => {
    const page = await world.open(caseAt('undo-window'));
    await act(main(page, 'Approve and send'), page.getByText(/The workflow is told in \d+ s\./));
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toMatch(/^Next/);
    await page.keyboard.press('u');
    await page.getByText('Taken back. The case is open again').waitFor();
    expect(found('undo-window').state).toBe('pending');
    await main(page, 'Reject').click({ trial: true });
  });

  it('is over when the time is over, and says so to a press that came too late', async () => {
    const page = await world.open(caseAt('short-undo'));
    await act(main(page, 'Approve and send'), page.getByRole('button', { name: 'Undo' }));
    await page.getByRole('button', { name: 'Undo' }).waitFor({ state: 'detached' });
    await page.getByText(/workflow has the answer|on its way/).waitFor();
    expect(found('short-undo').state).toBe('approved');
  });
});

describe('R-UI-27: the receipt', () => {
  it('names who, what, when, the event and the digest, and can be copied', async () => {
    const page = await world.open(caseAt('urgent'));
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await act(main(page, 'Approve and send'), page.getByText(/You approved this at \d\d:\d\d/));
    await press(page, 'Copy the receipt');
    await page.getByText('Copied.').waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    const { decision, digest, id } = world.companion.find(idOf('urgent'));
    for (const part of ['You approved this.', (decision as unknown as { event_id: string }).event_id, digest, id]) {
      expect(copied).toContain(part);
    }
  });
});

describe('R-UI-26: a workflow that stands still until the answer', () => {
  it('says that it waits, and offers no later but handing it on', async () => {
    const page = await world.open(caseAt('waits-for-you'));
    await page.locator('.stage', { hasText: 'The workflow is waiting for you.' }).waitFor();
    await press(page, 'More ways to answer');
    await page.keyboard.press('c');
    await page.getByText('Yours for 15 minutes.').waitFor();
    expect(await page.getByRole('button', { name: /later|Give it back|skip/i }).count()).toBe(0);
    await page.keyboard.press('c');
    await page.waitForTimeout(300);
    expect(found('waits-for-you').state).toBe('claimed');
  });
});

describe('R-UI-18, R-ACT-05: who is not sure hands it on', () => {
  it('from the instructions, to a place that the policy names', async () => {
    const page = await world.open(caseAt('urgent'));
    await press(page, 'Hand it on');
    await page.getByLabel('To whom').selectOption('Legal (level 4)');
    await page.getByLabel('Needs specialist review').check();
    await page.getByLabel('What should they look at?').fill('Is it covered?');
    await page.getByLabel('Why it is urgent').fill('The flight.');
    await page.getByLabel('Can it still be done in time?').selectOption('No');
    await act(page.locator('.act-form').getByRole('button', { name: 'Escalate' }), page.getByText('Handed on.'));
    expect(found('urgent').lastBody).toMatchObject({
      reason_code: 'needs_specialist_review',
      target: 'legal',
      urgency: 'The flight.',
      sla_feasible: false,
    });
  });
});

describe('R-ACT-16, R-UI-13: what goes along with an approval', () => {
  it('is a comment, and the urgency, where somebody says so', async () => {
    const page = await world.open(caseAt('urgent'));
    await press(page, 'More ways to answer');
    await page.getByLabel('Comment with your approval').fill('Called her.');
    await page.getByLabel('Can it still be done in time?').selectOption('Yes');
    await act(main(page, 'Approve and send'), page.getByText(/You approved this at/));
    expect(found('urgent').lastBody).toMatchObject({ rationale: 'Called her.', sla_feasible: true, reason_code: null });
  });

  it('an assignee, where one may assign', async () => {
    const page = await world.open(caseAt('urgent'));
    await press(page, 'More ways to answer');
    await page.getByText('Give it to somebody').click();
    await page.getByLabel('Who looks after it').selectOption('Jonas Weber');
    await act(
      page.getByRole('button', { name: 'Assign', exact: true }),
      page.locator('.head').getByText('Jonas Weber looks after it'),
    );
  });
});

describe('R-UI-20, R-GATE-15: two reviews', () => {
  it('names the stage, and keeps what the first reviewer wrote until the second decided', async () => {
    const page = await world.open(caseAt('second-blind'));
    await page.locator('.stage', { hasText: 'Review 2 of 2.' }).waitFor();
    await page.getByText('Jonas Weber approved this first.').waitFor();
    await page.getByText('What they wrote is shown once you have decided').waitFor();
  });

  it('the first reviewer reads only', async () => {
    const page = await world.open(caseAt('second-blind'), { who: 'jonas' });
    const found = world.companion.find(idOf('second-blind'));
    world.companion.change(found.id, { whyNot: 'You gave the first approval; somebody else gives the second.' });
    await page.getByText('You gave the first approval').waitFor();
    await page.getByRole('button', { name: 'More ways to answer' }).click();
    const names = await page.locator('.actions button:visible').allInnerTexts();
    expect(names.map((name) => name.replace(/\s+.$/, ''))).toEqual(['More ways to answer', 'Leave a note']);
  });

  it('says who disagreed, and that somebody else settles it', async () => {
    const page = await world.open(caseAt('disagreed'));
    await page.getByText('Two reviewers disagreed about this.').waitFor();
    await page.getByText('Jonas Weber approved it, Lena Sommer rejected it.').waitFor();
    await page.getByText('Escalated to level 2').waitFor();
  });
});

describe('R-UI-23: hidden places', () => {
  it('show what is hidden by name, never as empty; a reason shows them, and goes to the record', async () => {
    const page = await world.open(caseAt('hidden-places'));
    await page.getByText('Hidden from you: Sender, Customer’s name.').waitFor();
    await page.getByText('Hidden from you: Customer’s name', { exact: true }).waitFor();
    expect(await page.content()).not.toContain('Jana Petersen');
    await press(page, 'Show everything…');
    await act(
      page.getByRole('button', { name: 'Show everything', exact: true }),
      page.getByText('Write why you need to see it.'),
    );
    await page.getByLabel('Why do you need to see it?').fill('The customer asked for her data.');
    const show = page.getByRole('button', { name: 'Show everything', exact: true });
    await act(show, page.getByText('Jana Petersen', { exact: true }));
    expect(found('hidden-places').lastBody).toEqual({ reason: 'The customer asked for her data.' });
  });
});

describe('R-ACT-04: an edit', () => {
  it('is checked against the rules while it is typed, and one that they refuse is not sent', async () => {
    const page = await world.open(caseAt('edit-rules'));
    await press(page, 'More ways to answer');
    await press(page, 'Edit first');
    await page.getByText('Your edit is checked against the rules as you type.').waitFor();
    await page.getByLabel('Reply').fill('Call 030 555 0199.');
    await page.getByText('It contains a phone number.').waitFor();
    await page.getByText('The rules let this pass, and will note:').waitFor();
    await page.getByLabel('Reply').fill('We guarantee a refund.');
    await page.getByText('The rules do not let this pass. It must not promise anything.').waitFor();
    await page.getByLabel('Policy violation').check();
    await page.getByLabel('What did you change').fill('Shorter.');
    const send = page.getByRole('button', { name: 'Approve edited version' });
    expect(await send.getAttribute('data-off')).toBe('true');
    await page.getByLabel('Reply').fill('We refund you.');
    await page.getByText('The rules let this pass.').waitFor();
    await act(send, page.getByText(/You approved an edited version at/));
  });
});

describe('L5: a decision that needs a passkey', () => {
  it('says so on the button, and sends nothing without one', async () => {
    const page = await world.open(caseAt('with-passkey'));
    await main(page, 'Approve and send with your passkey').waitFor();
    await act(main(page, 'Approve and send with your passkey'), page.getByText('Nothing was sent').first());
    expect(found('with-passkey').state).toBe('pending');
  });
});

describe('what a case shows', () => {
  it('R-SUP-02: three scores give three colours, each with its sign, the number and a word', async () => {
    for (const [confidence, band, words] of [
      [0.91, 'green', /91\s% sure\s*high/],
      [0.7, 'yellow', /70\s% sure\s*moderate/],
      [0.55, 'red', /55\s% sure\s*low/],
    ] as const) {
      const { content } = world.companion.find(idOf('two-gates')) as never as {
        content: { metadata: { confidence: number } };
      };
      content.metadata.confidence = confidence;
      const page = await world.open(caseAt('two-gates'));
      const badge = page.locator('.confidence .badge');
      await badge.waitFor();
      expect(await badge.getAttribute('data-band')).toBe(band);
      expect(await badge.innerText()).toMatch(words);
      expect(await badge.locator('svg').count()).toBe(1);
      await page.context().close();
    }
  });

  it('R-UI-10: similar cases with id, decision, date, and why they are similar', async () => {
    const page = await world.open(caseAt('urgent'));
    const list = page.locator('.similar');
    await list.first().waitFor();
    expect(await list.allInnerTexts()).toEqual([
      expect.stringMatching(/Approved on 12 Nov 2026, 10:02, by Jonas Weber[^]*Same category[^]*ho_00similarone/),
      expect.stringMatching(/Rejected on 2 Nov 2026, 15:40[^]*Insufficient evidence[^]*ho_00similartwo/),
    ]);
  });

  it('R-CTX-13, R-CTX-17, R-UI-05: urgency, features and counterfactuals, and that none were supplied', async () => {
    const page = await world.open(caseAt('urgent'));
    await page.getByText('The customer flies at 18:00.').waitFor();
    await page.getByText('It can still be done in time').waitFor();
    await page.getByText('Earlier complaints').waitFor();
    const panel = page.locator('.panel', { hasText: 'What would have changed the answer' });
    expect(await panel.innerText()).toContain('None supplied.');
  });

  it('R-UI-28, R-GATE-14: the due time of this review, and when it closes', async () => {
    const page = await world.open(caseAt('two-gates'));
    const { dueMs } = world.companion.find(idOf('two-gates')) as never as { dueMs: number };
    const due = page.locator('.pane__due time').first();
    await due.waitFor();
    expect(Date.parse((await due.getAttribute('dateTime')) ?? '')).toBe(Math.trunc(dueMs));
    await page.getByText('Closes undecided').waitFor();
  });

  it('opening tells the companion once that somebody looks at it', async () => {
    const page = await world.open(caseAt('two-gates'));
    await page.locator('.checklist').waitFor();
    await expect.poll(() => found('two-gates').acts).toEqual(['acknowledgement']);
    const again = await world.open(caseAt('two-gates'));
    await again.locator('.checklist').waitFor();
    expect(found('two-gates').acts).toEqual(['acknowledgement']);
    await page.close();
  });
});

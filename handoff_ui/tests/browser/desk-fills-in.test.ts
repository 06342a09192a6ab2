import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { act, check, createDesk, findIn, type Found, main } from './desk-page';
import { caseAt, press, strike, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createDesk();
});
afterAll(() => world.close());

const found = (name: string): Found => findIn(world, name);

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
    await page.getByText('Name the evidence for “Source evidence present” first.').waitFor();
    expect(await main(page, 'Approve and send').getAttribute('data-off')).toBe('true');
    await page.getByLabel('Evidence for “Source evidence present”').fill('Order 4711');
    await act(main(page, 'Approve and send'), page.getByText(/You approved this at/));
    expect(found('two-gates').lastBody.evidence).toEqual([{ title: 'Order 4711' }]);
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
    await press(page, 'More ways to answer');
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
    await page.keyboard.press('Tab');
    await page.keyboard.type('Order 4711');
    for (const key of ['Tab', 'Tab']) await page.keyboard.press(key);
    await strike(page, 'a');
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
    await page.getByText('Name the evidence for “Source evidence present” first.').waitFor();
    await page.getByLabel('Evidence for “Source evidence present”').fill('Order 4711');
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

  it('sends what is shown, also when the press comes right after the last letter', async () => {
    const page = await world.open(caseAt('filled-form'));
    await page.getByLabel('Amount in EUR').fill('35.5');
    await page.locator('.changes ins', { hasText: '35.5' }).waitFor();
    // Within the page, so that nothing can move between the letter and the press; once more where it came too early.
    const amount = await page.getByLabel('Amount in EUR').evaluate(async (element) => {
      const field = element as HTMLInputElement;
      const drawn = async (): Promise<void> => {
        for (let turn = 0; turn < 9; turn += 1) await Promise.resolve(); // Drawn, and not painted yet.
      };
      for (let cents = 51; ; cents += 1) {
        while (document.querySelector('[data-resting=true]') !== null) await new Promise(requestAnimationFrame);
        field.value = `35.${cents}`;
        field.dispatchEvent(new InputEvent('input', { bubbles: true }));
        await drawn();
        document.querySelector<HTMLElement>('.actions__main [name=approve]')?.click();
        await drawn();
        if (document.querySelector('.early') === null) return Number(field.value);
      }
    });
    await page.getByText(/You approved this at/).waitFor();
    expect(found('filled-form').lastBody.response).toMatchObject({ amount });
  });

  it('that came empty is to be filled in: nothing is wrong before it was touched, and what is wrong is named', async () => {
    const page = await world.open(caseAt('empty-form'));
    const form = page.getByRole('group', { name: 'Fill this in' });
    await form.getByText('0 filled in.').waitFor();
    await page.getByText('Fill in first: Amount, Day, Why.').waitFor();
    expect(await form.locator('.field__wrong').count()).toBe(0);
    await page.getByLabel('Amount').fill('500');
    await page.getByLabel('Count').fill('1.5');
    await form.getByLabel('Why').fill('Broken.');
    await page.getByText('Fill in first: Day. Mend first: Amount (at most 100), Count (a whole number).').waitFor();
    expect(await form.locator('.field__wrong').allInnerTexts()).toEqual(['At most 100.', 'Write a whole number.']);
    await page.getByLabel('Amount').fill('50');
    await page.getByLabel('Count').fill('');
    await page.getByLabel('Day').fill('2026-11-30');
    await form.getByText('3 filled in.').waitFor();
    expect(await form.getByText(/added|original|corrected/).count()).toBe(0);
    await act(main(page, 'Approve and send'), page.getByText(/You approved this at/));
    expect(found('empty-form').lastBody.response).toEqual({ amount: 50, day: '2026-11-30', why: 'Broken.' });
  });

  it('is not sent while something is missing or no number, and rejecting needs none of it', async () => {
    const page = await world.open(caseAt('filled-form'));
    await page.getByLabel('Recommended action').fill('');
    await page.getByLabel('Amount in EUR').fill('4,5');
    await page
      .getByText('Fill in first: Recommended action. Mend first: Amount in EUR (a number like 1234.5')
      .waitFor();
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

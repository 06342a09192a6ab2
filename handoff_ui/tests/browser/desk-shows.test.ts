import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { act, createDesk, findIn, type Found } from './desk-page';
import { askedAgain, holdBack } from './moments';
import { caseAt, idOf, press, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createDesk();
});
afterAll(() => world.close());

const found = (name: string): Found => findIn(world, name);

describe('R-UI-20, R-GATE-15: two reviews', () => {
  it('names the stage, and keeps what the first reviewer wrote until the second answer stands, and can no longer be undone', async () => {
    const page = await world.open(caseAt('second-blind'));
    await page.locator('.stage', { hasText: 'Review 2 of 2.' }).waitFor();
    await page.getByText('Jonas Weber approved this first.').waitFor();
    await page.getByText('What they wrote is shown once the second answer stands').waitFor();
    expect(await page.getByText('once you have decided').count()).toBe(0);
  });

  it('the first reviewer reads only', async () => {
    const page = await world.open(caseAt('second-blind'), { who: 'jonas' });
    const found = world.companion.find(idOf('second-blind'));
    world.companion.change(found.id, { whyNot: 'You gave the first approval; somebody else gives the second.' });
    await page.getByText('You gave the first approval').waitFor();
    await press(page, 'More ways to answer');
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

  it('are shown once by a second press that comes before the answer: each look is recorded', async () => {
    const page = await world.open(caseAt('hidden-places'));
    await press(page, 'Show everything…');
    await page.getByLabel('Why do you need to see it?').fill('The customer asked for her data.');
    const { asked, letGo, count } = await holdBack(page, '**/disclosures', 'POST');
    const show = page.getByRole('button', { name: 'Show everything', exact: true });
    await press(page, show);
    await asked;
    await show.evaluate((button) => (button as HTMLElement).click());
    letGo();
    await page.getByText('Jana Petersen', { exact: true }).waitFor();
    expect(count()).toBe(1);
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
    const page = await world.open(caseAt('urgent'), { timezoneId: 'UTC' });
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
    await askedAgain(again, 'two-gates');
    expect(found('two-gates').acts).toEqual(['acknowledgement']);
  });
});

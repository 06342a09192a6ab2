import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { LENA } from '../../dev/fixtures/cases.mjs';
import { HOLD_MS } from '../../src/parts/hold-button';
import { answer, changeTo, EMAIL, FIELD, REFUNDS, send } from './policy-page';
import { caseAt, createWorld, press, typeToConfirm, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createWorld();
});
afterAll(() => world.close());

const record = (name: string) => world.companion.policies.find(name);

describe('two people at once', () => {
  it('412: the numbers that were typed stay, and what changed meanwhile is shown', async () => {
    const page = await world.open(EMAIL);
    await changeTo(page, '80');
    const mine = record('summarize-email');
    const theirs = { ...mine.document, thresholds: { review_below_confidence: 0.78, review_above_risk: 0.5 } };
    // Between the press and its arrival: the page, which looks every 15 s, cannot have learnt of it before.
    await page.route('**/v1/policies/summarize-email', (route) => {
      if (route.request().method() === 'PUT' && mine.version === 2)
        world.companion.policies.activate(mine, theirs, { id: 'rv_other', name: 'Ada Roth' }, null, 'Too risky.');
      return route.continue();
    });
    await send(page, /^Save…/, /^Save and make it active/, 'Because.');
    await page.getByText('Ada Roth saved version 3 meanwhile.').waitFor();
    await page.locator('.notice').getByText('Ask a person above risk').waitFor();
    expect(await page.getByLabel(FIELD).inputValue()).toBe('80');
    expect(record('summarize-email').version).toBe(3);
    await send(page, /^Save…/, /^Save and make it active/, 'Because, still.');
    await page.getByText('Version 4 is active now.').waitFor();
    expect(record('summarize-email').document.thresholds).toEqual({
      review_below_confidence: 0.8,
      review_above_risk: 0.5,
    });
  });

  it('a press whose answer was lost is found again, not done twice', async () => {
    const page = await world.open(EMAIL);
    await changeTo(page, '80');
    await press(page, /^Save…/);
    await page.locator('.reason-form textarea').fill('Because.');
    world.companion.breakAnswers = true;
    await press(page, /^Save and make it active/);
    const [found, kept] = [page.getByText('Version 3 is active now.'), page.getByText('What you wrote is kept here.')];
    await found.or(kept).waitFor();
    world.companion.breakAnswers = false;
    // The browser itself may have sent it a second time, and then the page knows already.
    if (await kept.isVisible()) await press(page, /^Save and make it active/);
    await found.waitFor();
    expect(record('summarize-email').version).toBe(3);
  });

  it('R-GOV-16: governance sees what differs and why it waits, tries it, and signs it off', async () => {
    const page = await world.open(REFUNDS, { who: 'jonas' });
    await page.getByRole('heading', { name: /Mara Lind proposes/ }).waitFor();
    await page.locator('.proposal').getByText('looser').waitFor();
    await press(page, 'See what it would do');
    await expect.poll(() => answer(page).innerText()).toMatch(/^\d+ of/);
    await send(page, /^Sign off…/, /^Sign off and make it active/, 'The numbers bear it out.');
    await page.getByText('Signed off. The new version is active now.').waitFor();
    expect(record('refund-request').versions.at(-1)).toMatchObject({
      version: 2,
      approved_by: { name: 'Jonas Weber' },
    });
  });

  it('refused, nothing changes', async () => {
    const page = await world.open(REFUNDS, { who: 'jonas' });
    await page.getByRole('heading', { name: /Mara Lind proposes/ }).waitFor();
    await send(page, /^Refuse…/, /^Refuse$/, 'Not over the weekend.');
    await page.getByText('Refused. The rules stay as they are').waitFor();
    expect(record('refund-request').version).toBe(1);
  });

  it('whoever proposed it is not offered to sign it off', async () => {
    const page = await world.open(REFUNDS);
    await page.getByText('You proposed it, so somebody else signs it off.').waitFor();
    expect(await page.getByRole('button', { name: /Sign off|Refuse/ }).count()).toBe(0);
  });
});

describe('R-GOV-22: versions', () => {
  it('each says who, why and what it changed in sentences, and one can go back', async () => {
    const page = await world.open(`${EMAIL}/versions`);
    await page.getByText('Reviewers approved all of the cases').last().waitFor();
    await page.locator('.version').getByText('85 % → 78 %').waitFor();
    await page.getByText('signed off by Jonas Weber').waitFor();
    await press(page, /^Go back to this version/);
    await page.getByText('Active now, as soon as you save.').waitFor();
    await page.locator('.reason-form textarea').fill('It was better before.');
    await press(page, /^Save it as version 3/);
    await page.getByText('Version 3 is active now.').waitFor();
    await expect.poll(() => page.locator('.version').count()).toBe(3);
  });

  it('the first rules of a workflow can begin from other built-in ones, whose numbers are shown', async () => {
    const page = await world.open('#/policies/nightly-batch');
    await page.getByLabel('Begin from').selectOption('finance');
    await expect.poll(() => page.getByLabel(FIELD).inputValue()).toBe('95');
    await page.getByRole('textbox', { name: 'Who answers for it' }).fill('Night shift');
    await page.getByLabel('How to reach them').fill('#night');
    await changeTo(page, '96');
    await page.getByText('More than numbers differ.').waitFor();
    await send(page, /^Save…/, /^Save$/, 'First rules.');
    await page.getByText(/Version 1 is active now|Sent to governance/).waitFor();
    const { document, proposal } = record('nightly-batch');
    expect(proposal?.document ?? document).toMatchObject({
      extends: 'finance',
      thresholds: { review_below_confidence: 0.96 },
    });
  });

  it('a workflow without rules of its own says under which it runs, and asks who answers for it', async () => {
    const page = await world.open('#/policies/nightly-batch');
    await page.getByText('runs under the built-in ones of “default”').waitFor();
    await changeTo(page, '90');
    await page.getByText('Say who answers for this workflow before you save.').waitFor();
    await expect.poll(() => answer(page).innerText()).toMatch(/^\d+ of/);
    await page.getByRole('textbox', { name: 'Who answers for it' }).fill('Night shift');
    await page.getByLabel('How to reach them').fill('#night');
    await send(page, /^Save…/, /^Save and make it active/, 'First rules.');
    await page.getByText('Version 1 is active now.').waitFor();
    expect(record('nightly-batch').document).toMatchObject({ extends: 'default', owner: { name: 'Night shift' } });
    await page.goto(`${world.url}#/policies/other/versions`);
    await page.getByText('no version of its own yet').waitFor();
  });
});

describe('H6, R-CONT-07: pauses', () => {
  it('the button is held or the word typed, with a reason; then every page says it, to everybody', async () => {
    const page = await world.open(EMAIL);
    await press(page, 'Pause this workflow…');
    await page.locator('.reason-form textarea').fill('Wrong summaries since noon.');
    await typeToConfirm(page, 'pause');
    await page.getByText('“Summarize email” is paused').first().waitFor();
    expect(world.companion.policies.pauses).toMatchObject([
      { workflow_id: 'summarize-email', all: false, reason: 'Wrong summaries since noon.' },
    ]);
    for (const address of ['#/inbox', caseAt('fraud-score'), REFUNDS]) {
      const other = await world.open(address, { who: 'jonas' });
      await other.locator('.paused').getByText('by Mara Lind: “Wrong summaries since noon.”').waitFor();
      await other.context().close();
    }
  });

  it('a click is not enough', async () => {
    const page = await world.open(EMAIL);
    await press(page, 'Pause this workflow…');
    await page.locator('.reason-form textarea').fill('By mistake.');
    await press(page, page.locator('.hold__button'));
    // By the timers of the page: one that the press had started would be over then, and the button off.
    await page.evaluate((ms) => new Promise((resolve) => setTimeout(resolve, ms)), HOLD_MS);
    expect(await page.locator('.hold__button[data-off=false]').count()).toBe(1);
    expect(world.companion.policies.pauses).toEqual([]);
  });

  it('R-CONT-08: resuming needs the review’s approval and says so; then it goes on and the bar goes', async () => {
    const made = world.companion.policies.pause({ all: true, reason: 'Something is wrong.' }) as { reviewed?: boolean };
    const page = await world.open('#/inbox', { who: 'jonas' });
    await page.locator('.paused').getByRole('link', { name: 'Open its review' }).waitFor();
    await page.locator('.paused').getByRole('link', { name: 'Resume…' }).click();
    await send(page, /^Resume…/, /^Resume now/, 'The model was rolled back.');
    await page.getByText('Its review is not approved yet, so it stays paused.').waitFor();
    made.reviewed = true;
    await press(page, /^Resume now/);
    await page.locator('.paused').waitFor({ state: 'detached' });
  });

  it('who may neither pause nor resume is offered neither', async () => {
    world.companion.policies.pause({ all: true, reason: 'Something is wrong.' });
    const page = await world.open(EMAIL, { who: 'lena' });
    await page.getByText('You may not resume it yourself.').waitFor();
    expect(await page.getByRole('button', { name: /Pause|Resume/ }).count()).toBe(0);
  });

  it('the bar offers Resume to those who may, and what is paused cannot be paused again', async () => {
    world.companion.policies.pause({ workflow_id: 'summarize-email', reason: 'Something is wrong.' });
    const other = await world.open('#/inbox', { who: 'lena' });
    await other.locator('.paused').getByRole('link', { name: 'See it' }).waitFor();
    expect(await other.locator('.paused').getByRole('link', { name: 'Resume…' }).count()).toBe(0);
    const page = await world.open(EMAIL);
    await page.getByText('You may not resume it yourself.').waitFor();
    expect(await page.getByRole('button', { name: /^Pause this/ }).count()).toBe(0);
  });

  it('after a pause there is no second button for it, and the focus is on the headline', async () => {
    const page = await world.open(EMAIL);
    await press(page, 'Pause this workflow…');
    await page.locator('.reason-form textarea').fill('Wrong summaries since noon.');
    await typeToConfirm(page, 'pause');
    await page.getByText('“Summarize email” is paused').first().waitFor();
    await expect.poll(() => page.getByRole('button', { name: /^Pause/ }).count()).toBe(0);
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
  });

  it('whoever opens the rules finds at once what was paused a moment ago', async () => {
    const page = await world.open('#/x', { who: 'jonas' });
    await page.addInitScript(() => {
      // The page asks every ten seconds as well; here it never gets to that.
      const later = window.setTimeout.bind(window);
      window.setTimeout = ((act: () => void, ms: number) => (ms >= 10_000 ? 0 : later(act, ms))) as typeof setTimeout;
    });
    await page.goto('about:blank');
    await page.goto(`${world.url}#/inbox`);
    await page.locator('.row').first().waitFor();
    world.companion.policies.pause({ workflow_id: 'summarize-email', reason: 'Something is wrong.' });
    await page.goto(`${world.url}${EMAIL}`);
    await page.getByRole('button', { name: 'Resume…' }).waitFor();
  });

  it('R-CONT-08: a review that was rejected is told before the press, and the new one is linked after it', async () => {
    const made = world.companion.policies.pause({ all: true, reason: 'Something is wrong.' });
    const by = { id: LENA.id, name: LENA.name };
    const review_outcome = { state: 'rejected', at: new Date().toISOString(), by, rationale: 'Cause is not gone.' };
    Object.assign(made, { review_outcome });
    const page = await world.open('#/policies', { who: 'jonas' });
    await page.getByText('Lena Sommer rejected its review').waitFor();
    await page.getByText('Cause is not gone.').waitFor();
    await send(page, /^Resume…/, /^Resume now/, 'The model was rolled back.');
    await page.getByText('A new review was opened just now.').waitFor();
    const link = page.getByRole('link', { name: 'Open the new review' });
    expect(await link.getAttribute('href')).toBe(caseAt('no-confidence'));
    expect(await page.getByText('Lena Sommer rejected its review').count()).toBe(0);
    expect(await page.locator('.reason-form textarea').inputValue()).toBe('The model was rolled back.');
  });

  it('a personal link, which may not know what is paused, still opens its case', async () => {
    world.companion.policies.pause({ all: true, reason: 'Something is wrong.' });
    const page = await world.open(caseAt('nested'), { who: 'link' });
    await page.getByRole('button', { name: 'Approve' }).waitFor();
    expect(await page.locator('.paused').count()).toBe(0);
  });
});

describe('R-GOV-22: a case says under which rules it stands, and how they came to that', () => {
  it('folded, in words, with what was found where', async () => {
    const page = await world.open(caseAt('summarize-email'));
    await page.getByText('It is decided under').waitFor();
    expect(await page.getByText('It contains personal data, so a person looks.').isVisible()).toBe(false);
    await page.getByText('How the rules came to that').click();
    await page.getByText('It contains personal data, so a person looks.').waitFor();
    await page.getByText('Found in Summary.').waitFor();
    await page.getByRole('link', { name: 'version 2 of its rules' }).click();
    await page.getByRole('heading', { name: 'Version 2' }).waitFor();
  });
});

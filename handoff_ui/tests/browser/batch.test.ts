import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { holdBack, sentBy, still } from './moments';
import { createWorld, idOf, isSound, press, strike, type World } from './world';

const REPLIES = [1, 2, 3, 4, 5, 6, 7, 8].map((at) => idOf(`reply-${at}`));
const APART = idOf('reply-7');

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const stateOf = (id: string): string => world.companion.find(id).state as string;
const focused = (page: Page) => page.evaluate(() => document.activeElement?.closest('.item')?.textContent);

/** A page on which the replies were taken, the seventh of which is not like the others. */
async function taken(options: Parameters<World['open']>[1] = {}): Promise<Page> {
  const page = await world.open(`#/batch?like=${REPLIES[0]}`, options);
  await press(page, 'Take them');
  await page.getByText('The box was damaged.').first().waitFor();
  await page.locator('.item__output .quote').nth(7).waitFor();
  return page;
}

/** Keeps the page from asking of its batch, so that it knows nothing but what it shows; gives what lets it ask. */
async function unasking(page: Page): Promise<() => void> {
  const { asked, letGo } = await holdBack(page, '**/v1/batches/ba_*');
  // It asks one thing at a time: once a question is held, no older one is on its way.
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await asked;
  return letGo;
}

describe('R-UI-16: similar cases decided together', () => {
  it('from the inbox, nothing is taken before somebody says so', async () => {
    const page = await world.open('#/inbox?workflow_id=reply-draft');
    const sent = sentBy(page);
    await page.getByRole('link', { name: 'Decide 8 similar ones together' }).click();
    await page.getByRole('heading', { name: 'Decide similar cases together' }).waitFor();
    expect(REPLIES.map(stateOf)).toEqual(REPLIES.map(() => 'pending'));
    await press(page, 'Take them');
    await page.getByRole('heading', { name: '8 similar cases of “Reply draft”' }).waitFor();
    expect(REPLIES.map(stateOf)).toEqual(REPLIES.map(() => 'claimed'));
    expect(sent).toEqual(['POST /v1/batches']);
    await page.reload();
    await page.getByRole('heading', { name: '8 similar cases of “Reply draft”' }).waitFor();
  });

  it('sets apart what is not like the rest, with its reasons, and decides nothing before it is included or left out', async () => {
    const page = await taken();
    const apart = page.locator('.item--apart');
    expect(await apart.count()).toBe(1);
    const words = await apart.innerText();
    for (const word of ['The box was damaged.', 'It commits money', '41 % sure', 'We refund 40 EUR'])
      expect(words).toContain(word);
    await page.getByText('Say first whether the case that stands apart is included.').waitFor();
    const sent = sentBy(page);
    await strike(page, 'a');
    await press(page, 'Leave it out');
    await page.getByText('7 cases of 8 included.').waitFor();
    expect(sent).toEqual([]);
    expect(REPLIES.map(stateOf)).toEqual(REPLIES.map(() => 'claimed'));
    await press(page, /^Approve and send: 7 cases/);
    await page.getByRole('heading', { name: '7 cases approved' }).waitFor();
    expect(await page.title()).toBe('7 cases decided – Handoff');
    expect(stateOf(APART)).toBe('pending');
    expect(REPLIES.filter((id) => id !== APART).map(stateOf)).toEqual(Array(7).fill('approved'));
    const records = await page.locator('.item--result code').allInnerTexts();
    expect(new Set(records).size).toBe(7);
    expect(await page.getByText('1 case that you left out waits in the inbox again.').count()).toBe(1);
  });

  it('is found again from the inbox, with what was chosen, and no second one is made', async () => {
    const page = await taken();
    const address = page.url();
    await press(page, 'Leave it out');
    await page.getByText('7 cases of 8 included.').waitFor();
    await page.goto(`${world.url}#/inbox?workflow_id=reply-draft`);
    await page.getByRole('link', { name: 'Decide 8 similar ones together' }).click();
    await page.getByText('7 cases of 8 included.').waitFor();
    expect(page.url()).toBe(address);
    await page.reload();
    await page.getByText('7 cases of 8 included.').waitFor();
    await press(page, 'Give all back');
    await page.getByRole('link', { name: 'Decide 8 similar ones together' }).click();
    await page.getByRole('heading', { name: 'Decide similar cases together' }).waitFor();
  });

  it('stays on the page when the session ends, with what was chosen, and goes on after the sign-in', async () => {
    const page = await taken();
    await press(page, 'Leave it out');
    const who = (value: string) => page.context().addCookies([{ name: 'fixture_who', value, url: world.url }]);
    // It is the press that finds out, not a question that comes before it.
    const letAsk = await unasking(page);
    await who('none');
    await press(page, /^Approve and send: 7 cases/);
    letAsk();
    await page.getByText('Your session ended.').waitFor();
    await page.getByText('Sign in again to go on.').waitFor();
    expect(await page.locator('.item').count()).toBe(8);
    expect(REPLIES.map(stateOf)).toEqual(REPLIES.map(() => 'claimed'));
    await who('mara');
    await press(page, 'I am signed in again');
    await page.getByText('7 cases of 8 included.').waitFor();
    await press(page, /^Approve and send: 7 cases/);
    await page.getByRole('heading', { name: '7 cases approved' }).waitFor();
  });

  it('an included one is sent as confirmed, and a rejection has one reason and one sentence for all', async () => {
    const page = await taken();
    await press(page, 'Include it');
    await page.getByLabel('Include: Where is my parcel?').uncheck();
    await press(page, /^Reject: 7 cases/);
    await page.getByLabel('Wrong category').check();
    await page.locator('.act-form textarea').fill('None of these belongs to us.');
    await press(page, 'Reject: 7 cases', page.locator('.act-form'));
    await page.getByRole('heading', { name: '7 cases rejected' }).waitFor();
    expect(stateOf(APART)).toBe('rejected');
    expect(world.companion.find(APART).decision).toMatchObject({
      reason_code: 'wrong_category',
      rationale: 'None of these belongs to us.',
    });
    expect(stateOf(REPLIES[0] as string)).toBe('pending');
  });

  it('what was decided elsewhere meanwhile is told for its case, and the others go through', async () => {
    const page = await taken();
    await press(page, 'Leave it out');
    await unasking(page);
    world.companion.change(REPLIES[2] as string, { state: 'withdrawn' });
    await press(page, /^Approve and send: \d cases/);
    await page.getByRole('heading', { name: '6 cases approved, 1 not' }).waitFor();
    await page.getByText('The case moved on while you were reading.').waitFor();
  });

  it('a lost answer is asked for again, and nothing counts twice', async () => {
    const page = await taken();
    await press(page, 'Leave it out');
    world.companion.breakAnswers = true;
    await press(page, /^Approve and send/);
    await page.getByText('The connection broke.').waitFor();
    world.companion.breakAnswers = false;
    await page.getByRole('heading', { name: '7 cases approved' }).waitFor({ timeout: 30_000 });
    const { history } = world.companion.find(REPLIES[0] as string) as unknown as { history: { type: string }[] };
    expect(history.filter(({ type }) => type === 'handoff.decided')).toHaveLength(1);
  });

  it('by keyboard alone: walk, include, approve', async () => {
    const page = await world.open('#/inbox?workflow_id=reply-draft');
    await page.locator('.row').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('b');
    await page.getByRole('button', { name: 'Take them' }).waitFor();
    const onButton = () => page.evaluate(() => document.activeElement?.tagName === 'BUTTON');
    for (let tabs = 0; tabs < 5 && !(await onButton()); tabs += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('.item__output .quote').nth(7).waitFor();
    await page.keyboard.press('j');
    expect(await focused(page)).toContain('The box was damaged.');
    await page.keyboard.press('Enter');
    await page.keyboard.press('j');
    expect(await focused(page)).toContain('Where is my parcel?');
    await page.keyboard.press('Space');
    await page.getByText('7 cases of 8 included.').waitFor();
    await strike(page, 'a');
    await page.getByRole('heading', { name: '7 cases approved' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('7 cases approved');
    expect([stateOf(APART), stateOf(REPLIES[0] as string)]).toEqual(['approved', 'pending']);
  });

  it('gives all of them back', async () => {
    const page = await taken();
    await press(page, 'Give all back');
    await page.getByRole('link', { name: 'Decide 8 similar ones together' }).waitFor();
    expect(REPLIES.map(stateOf)).toEqual(REPLIES.map(() => 'pending'));
    await page.goBack();
    await page.getByRole('heading', { name: 'not held for you any more' }).waitFor();
  });

  it('says why a case takes no batch', async () => {
    const page = await world.open(`#/batch?like=${idOf('files')}`);
    await press(page, 'Take them');
    await page.getByText('Cases with a checklist are decided one by one.').waitFor();
  });

  it('row H1: an output that changed or failed its check is left out', async () => {
    world.companion.find(REPLIES[1] as string).spoilToken = true;
    const page = await world.open(`#/batch?like=${REPLIES[0]}`);
    await press(page, 'Take them');
    await page.getByText('It failed its check').waitFor();
    expect(await page.getByText('Yes. Open the order in your account').count()).toBe(0);
    world.companion.revise(REPLIES[3] as string, { reply: 'Another text.' });
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await page.getByText('It changed while you were reading.').waitFor();
    await press(page, 'Leave it out');
    await page.getByText('5 cases of 8 included.').waitFor();
  });
});

describe.each([1440, 320])('WCAG 2.2: at %i, light and dark', (width) => {
  it('axe finds nothing before, with the form open and after, and nothing runs over the edge', async () => {
    const page = await taken({ viewport: { width, height: 800 } });
    const check = async (): Promise<void> => {
      await still(page);
      await isSound(page, { width });
    };
    await check();
    await press(page, 'Leave it out');
    await press(page, /^Reject/);
    await page.locator('.act-form').waitFor();
    await check();
    await page.locator('.act-form').press('Escape');
    await press(page, /^Approve and send/);
    await page.getByRole('heading', { name: '7 cases approved' }).waitFor();
    await check();
    expect(world.faults).toEqual([]);
  });
});

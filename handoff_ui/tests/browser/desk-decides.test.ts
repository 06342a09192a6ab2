import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { JONAS, MARA } from '../../dev/fixtures/cases.mjs';
import { act, createDesk, findIn, type Found, main } from './desk-page';
import { cutOff } from './moments';
import { caseAt, idOf, press, strike, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createDesk();
});
afterAll(() => world.close());

const found = (name: string): Found => findIn(world, name);

describe('undo', () => {
  it('counts down, is one press or u, asks nothing, and opens the case again', async () => {
    const page = await world.open(caseAt('undo-window'));
    await act(main(page, 'Approve and send'), page.getByText(/The workflow is told in \d+ s\./));
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toMatch(/^Next/);
    await strike(page, 'u');
    await page.getByText('Taken back. The case is open again').waitFor();
    expect(found('undo-window').state).toBe('pending');
    await main(page, 'Reject').click({ trial: true });
  });

  it('is over when the time is over: its button goes, and the workflow is told', async () => {
    // Time enough to see the button on a busy machine.
    world.companion.change(idOf('short-undo'), { desk: { undoS: 6 } });
    const page = await world.open(caseAt('short-undo'));
    await main(page, 'Approve and send').waitFor();
    // By the clock of the page, and not because the companion says so.
    const letHear = await cutOff(page);
    await press(page, main(page, 'Approve and send'));
    const undo = page.getByRole('button', { name: 'Undo' });
    await undo.waitFor();
    await undo.waitFor({ state: 'detached', timeout: 20_000 });
    await letHear();
    await page.getByText(/workflow has the answer|on its way/).waitFor({ timeout: 40_000 });
    expect(found('short-undo').state).toBe('approved');
  });

  it('says so to a press that came too late', async () => {
    const page = await world.open(caseAt('undo-window'));
    await press(page, main(page, 'Approve and send'));
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await cutOff(page);
    world.companion.change(idOf('undo-window'), { undoUntilMs: 0 });
    await press(page, 'Undo');
    await page.getByText('The time to undo it was over. The decision stands').waitFor();
    expect(found('undo-window').state).toBe('approved');
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
    await page.getByRole('button', { name: 'Escalate' }).waitFor();
    const later = page.getByRole('button', { name: /later|Ask a question|Keep it for me|Give it back|skip/i });
    expect(await later.count()).toBe(0);
    for (const key of ['c', 'i']) await page.keyboard.press(key);
    await page.keyboard.press('n');
    await page.getByLabel('It decides nothing').waitFor();
    expect(found('waits-for-you').state).toBe('pending');
  });

  it('shows who took it elsewhere, and lets nobody give it back to wait again', async () => {
    const page = await world.open(caseAt('waits-for-you'));
    const until = Date.now() + 600_000;
    world.companion.change(idOf('waits-for-you'), { state: 'claimed', claim: { by: JONAS, untilMs: until } });
    const taken = page.locator('.banners', { hasText: 'Jonas Weber is working on this.' });
    await taken.waitFor();
    world.companion.change(idOf('waits-for-you'), { state: 'claimed', claim: { by: MARA, untilMs: until } });
    await taken.waitFor({ state: 'detached' });
    await press(page, 'More ways to answer');
    expect(await page.getByRole('button', { name: 'Give it back' }).count()).toBe(0);
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

import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { JONAS, MARA } from '../../dev/fixtures/cases.mjs';
import { createDesk } from './desk-page';
import { caseAt, idOf, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createDesk();
});
afterAll(() => world.close());

const note = (text: string, by: object, at: string): object => ({ at, by, text });
const change = (changes: object): void => world.companion.change(idOf('urgent'), changes);

describe('notes are folded like the history, unless they are new', () => {
  it('what another person wrote is open to whoever comes to the case', async () => {
    change({ notes: [note('Asked Jana.', JONAS, '2026-11-21T09:00:00.000Z')] });
    const page = await world.open(caseAt('urgent'));
    await page.getByText('Asked Jana.').waitFor();
  });

  it('what one answered to already is not, and what comes while one reads is', async () => {
    const old = [
      note('Asked Jana.', JONAS, '2026-11-21T09:00:00.000Z'),
      note('She called back.', MARA, '2026-11-21T09:10:00.000Z'),
    ];
    change({ notes: old });
    const page = await world.open(caseAt('urgent'));
    await page.getByText('Notes (2)').waitFor();
    expect(await page.getByText('Asked Jana.').isVisible()).toBe(false);
    change({ notes: [...old, note('It is urgent.', JONAS, '2026-11-21T09:20:00.000Z')] });
    await page.getByText('It is urgent.').waitFor();
  });

  it('nor are those of a case that is decided', async () => {
    change({ notes: [note('Asked Jana.', JONAS, '2026-11-21T09:00:00.000Z')], state: 'expired' });
    const page = await world.open(caseAt('urgent'));
    await page.getByText('Notes (1)').waitFor();
    expect(await page.getByText('Asked Jana.').isVisible()).toBe(false);
  });
});

describe('what the page says is so', () => {
  it('R-CTX-17: whether there is time is said as of when it was asked, whoever worked it out', async () => {
    const page = await world.open(caseAt('urgent'));
    await page.getByText('It can still be done in time, as it stood when it was asked.').waitFor();
    expect(await page.getByText('says the workflow').count()).toBe(0);
  });

  it('a case that is being checked is said so in words of the business', async () => {
    const page = await world.open('#/inbox');
    await page.route('**/package', () => undefined);
    await page.goto(`${world.url}${caseAt('urgent')}`);
    await page.getByText('Checking that nobody changed the case on its way…').waitFor();
  });
});

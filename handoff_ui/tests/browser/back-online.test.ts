import { afterAll, beforeEach, expect, it } from 'vitest';
import { holdBack } from './moments';
import { caseAt, createWorld, idOf, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createWorld();
});
afterAll(() => world.close());

it('the case is asked about at once when the network is back, also where a question of before still hangs', async () => {
  const page = await world.open(caseAt('no-confidence'));
  await page.getByRole('button', { name: 'Approve' }).waitFor();
  const { asked, letGo, count } = await holdBack(page, `**/v1/handoffs/${idOf('no-confidence')}`);
  await asked;
  // From here on no pause of the page ends: the next question comes at once, or not at all.
  await page.evaluate(() => {
    const soon = window.setTimeout;
    window.setTimeout = ((run: () => void, wait_ms?: number) =>
      (wait_ms ?? 0) < 100 ? soon(run, wait_ms) : 0) as never;
    window.dispatchEvent(new Event('online'));
  });
  letGo();
  await expect.poll(count).toBe(2);
});

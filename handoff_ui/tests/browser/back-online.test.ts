import { afterAll, beforeEach, expect, it } from 'vitest';
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
  let [hangs, ends] = [(): void => undefined, (): void => undefined];
  const [hanging, ended] = [
    new Promise<void>((resolve) => (hangs = resolve)),
    new Promise<void>((resolve) => (ends = resolve)),
  ];
  let asked = 0;
  await page.route(`**/v1/handoffs/${idOf('no-confidence')}`, async (route) => {
    asked += 1;
    hangs();
    await ended;
    await route.continue();
  });
  await hanging;
  // From here on no pause of the page ends: the next question comes at once, or not at all.
  await page.evaluate(() => {
    const soon = window.setTimeout;
    window.setTimeout = ((run: () => void, wait_ms?: number) =>
      (wait_ms ?? 0) < 100 ? soon(run, wait_ms) : 0) as never;
    window.dispatchEvent(new Event('online'));
  });
  ends();
  await expect.poll(() => asked).toBe(2);
});

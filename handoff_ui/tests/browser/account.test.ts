/** Who is offered to stand in for somebody who is away. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createWorld, type World } from './world';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

it('R-ROLE-18: only those stand in who do some of the same work', async () => {
  world.companion.people.push({ id: 'rv_olga000000000000', name: 'Olga Operator', stands_in: false } as never);
  const page = await world.open('#/account');
  const offered = page.getByLabel('Who stands in for you').locator('option');
  await expect.poll(() => offered.allInnerTexts()).toEqual(['Whoever can', 'Jonas Weber', 'Lena Sommer']);
});

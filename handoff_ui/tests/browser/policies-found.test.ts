/** What has to be found before it can be judged: proposals, workflows, and the way for somebody who sees neither. */
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { MARA } from '../../dev/fixtures/cases.mjs';
import { answer, changeTo, EMAIL, FIELD } from './policy-page';
import { axeFindings, createWorld, type World } from './world';

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createWorld();
});
afterAll(() => world.close());

describe('R-ROLE-13: governance finds what waits for it', () => {
  it('a proposal of a workflow without a version stands in the list, and in a number beside Policies', async () => {
    const { policies } = world.companion;
    const document = { schema_version: 1, workflow_id: 'refund-replies', extends: 'default' };
    policies.add('refund-replies', {}, []);
    policies.propose(policies.records.get('refund-replies'), document, MARA, 'Large refunds.');
    const page = await world.open('#/policies', { who: 'jonas' });
    const row = page.locator('.policies__row', { hasText: 'refund-replies' });
    await row.getByText('a proposal waits for you').waitFor();
    await row.getByText('No rules of its own yet').waitFor();
    await page.getByRole('link', { name: 'Policies 2 to sign off' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  it('whoever proposed it, or does not sign, reads only that it waits', async () => {
    const page = await world.open('#/policies');
    await page.getByText('waits for a sign-off').waitFor();
    expect(await page.getByRole('link', { name: 'Policies', exact: true }).count()).toBe(1);
  });
});

it('workflows that sent cases are listed, also without rules of their own', async () => {
  const page = await world.open('#/policies');
  const others = page.getByRole('region', { name: 'Under built-in rules' });
  await others.getByRole('link').first().waitFor();
  const named = await others.locator('.row__where').allInnerTexts();
  expect(named).toContain('reply-draft');
  expect(named).not.toContain('summarize-email');
});

it('R-ROLE-01: whoever runs the system is told that they see no cases, and where their account is', async () => {
  const page = await world.open('#/x', { who: 'lena' });
  await page.route('**/v1/sessions/current', async (route) => {
    const answer = await route.fetch();
    const session = (await answer.json()) as { reviewer: object };
    await route.fulfill({ json: { ...session, reviewer: { ...session.reviewer, roles: ['sre'] } } });
  });
  for (const address of ['#/inbox', '#/policies']) {
    // Loaded anew: the words of the first view must not stand for those of the second.
    await page.goto('about:blank');
    await page.goto(`${world.url}${address}`);
    await page.getByText('You run the system; you see no cases.').waitFor();
    expect(await page.getByRole('link', { name: /inbox|Policies/i }).count()).toBe(0);
  }
  await page.getByRole('link', { name: 'To your account' }).click();
  await page.getByText('Who you are').waitFor();
});

it('the list puts the focus on its headline, as every view does', async () => {
  const page = await world.open('#/policies');
  await page.getByRole('heading', { name: 'When a person is asked' }).waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe('When a person is asked');
});

it('R-ROUTE-06: where two numbers cross, the one that was moved is marked, and nothing is said of rules that cannot be', async () => {
  const page = await world.open(EMAIL);
  await answer(page).waitFor();
  await changeTo(page, '50');
  const moved = page.locator('.setting', { has: page.getByLabel(FIELD) });
  await moved.getByText('The limit for waiting must not lie above').waitFor();
  expect(await page.getByLabel(FIELD).getAttribute('aria-invalid')).toBe('true');
  expect(await answer(page).count()).toBe(0);
  await changeTo(page, '70');
  await answer(page).waitFor();
});

import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { main } from './desk-page';
import { caseAt, createWorld, press, type World } from './world';

const LINK = `${caseAt('nested')}?by=rv_mara000000000000&gen=1&mac=fixture`;

let world: World;
beforeEach(async () => {
  await world?.close();
  world = await createWorld();
});
afterAll(() => world.close());

/** Names of the scripts that a case asks for until it can be decided. */
async function scriptsOf(name: string, answer: string): Promise<string[]> {
  const page = await world.open('#/x');
  const scripts: string[] = [];
  page.on('request', (request) => scripts.push(/assets\/([\w-]+)-[\w-]{8}\.js$/.exec(request.url())?.[1] ?? ''));
  await page.goto(`${world.url}${caseAt(name)}`);
  await main(page, answer).waitFor();
  return scripts;
}

describe('R-UI-02: what only some cases need comes with those, and with no others', () => {
  it('a usual case fetches nothing that shows files or slides', async () => {
    const scripts = await scriptsOf('summarize-email', 'Approve and send');
    expect(scripts.filter((name) => ['media', 'slide-to-confirm'].includes(name))).toEqual([]);
    expect(await scriptsOf('files', 'Approve payment')).toContain('media');
  });

  it('a case with files has what shows them before it is shown: nothing moves when they come', async () => {
    const page = await world.open('#/x');
    await page.addInitScript(() => {
      const seen = window as unknown as { filler: boolean };
      seen.filler = false;
      const look = (): void => {
        seen.filler ||= document.querySelector('.pane .loading') !== null;
      };
      new MutationObserver(look).observe(document, { childList: true, subtree: true });
    });
    await page.goto('about:blank');
    await page.goto(`${world.url}${caseAt('files')}`);
    await page.locator('.attachments').getByText('invoice.pdf').waitFor();
    await page.locator('.file__picture').waitFor();
    expect(await page.evaluate(() => (window as unknown as { filler: boolean }).filler)).toBe(false);
  });

  it('L2: a personal link has the slide at hand: no answer waits for a script that can no longer be had', async () => {
    const page = await world.open(LINK, { who: 'none' });
    await page
      .getByRole('button', { name: /^Approve/ })
      .first()
      .waitFor();
    await page.route('**/assets/**', (route) => route.abort());
    await press(page, /^Approve/);
    await page.locator('.slide__handle').waitFor();
    expect(await page.getByText('cannot be had').count()).toBe(0);
  });
});

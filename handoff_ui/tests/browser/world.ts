/** A real Chromium, the built page with its real headers, and the fixtures' companion behind it. */
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Locator,
  type Page,
} from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { Companion } from '../../dev/fixtures/companion.mjs';
import { idOf } from '../../dev/fixtures/build.mjs';
import { serve } from '../../dev/serve.mjs';

export interface World {
  companion: Companion;
  url: string;
  /** A page of a fresh browser profile; `who` is mara where nothing is said. */
  open: (address: string, options?: OpenOptions) => Promise<Page>;
  /** What went wrong in any page so far: console errors, page errors, requests to elsewhere. */
  faults: string[];
  close: () => Promise<void>;
}

interface OpenOptions extends BrowserContextOptions {
  who?: 'mara' | 'jonas' | 'lena' | 'link' | 'none';
}

interface WorldOptions {
  prefix?: string;
  /** Other cases than those of the fixtures. */
  definitions?: object[];
  /** Whether the page comes with its CSP. */
  csp?: boolean;
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** One for all tests of a file: starting it takes longer than most of them. Every page has a fresh profile of its own. */
let browser: Promise<Browser> | undefined;
const startedBrowser = (): Promise<Browser> =>
  (browser ??= chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  }));
afterAll(async () => (await browser)?.close());

export async function createWorld({ prefix = '', definitions, csp = true }: WorldOptions = {}): Promise<World> {
  const companion = await Companion.create(definitions && { definitions });
  const { server, url } = (await serve({ companion, prefix, csp })) as { server: Server; url: string };
  const profiles: BrowserContext[] = [];
  const faults: string[] = [];
  const open = async (address: string, { who, ...options }: OpenOptions = {}): Promise<Page> => {
    const context = await (await startedBrowser()).newContext({ viewport: { width: 1440, height: 900 }, ...options });
    profiles.push(context);
    if (who) await context.addCookies([{ name: 'fixture_who', value: who, url }]);
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on('pageerror', (error) => faults.push(`page error: ${error.message}`));
    page.on('console', (message) => {
      // Chromium reports refused and failed requests by itself; those are part of what is tested.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        faults.push(message.text());
    });
    page.on('request', (request) => {
      if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(url))
        faults.push(`request to ${request.url()}`);
    });
    page.on('dialog', (dialog) => {
      // Whoever leaves a page in a test means it.
      if (dialog.type() === 'beforeunload') return void dialog.accept();
      faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(`${url}${address}`);
    return page;
  };
  const close = async (): Promise<void> => {
    // A page that asks while it is closed would fail the whole run, by the handler that fetches for it.
    for (const page of profiles.flatMap((profile) => profile.pages()))
      await page.unrouteAll({ behavior: 'ignoreErrors' });
    await Promise.all(profiles.map((profile) => profile.close()));
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { companion, url, open, faults, close };
}

export const caseAt = (name: string): string => `#/h/${idOf(name)}`;
export { idOf };

/** What axe finds, as lines; empty when it finds nothing. */
export async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    // While a colour fades, its contrast is that of no state. Waiting is no way: what is folded away never ends its fade.
    for (const animation of document.getAnimations()) animation.finish();
    const { axe } = window as unknown as {
      axe: { run: () => Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ''}`),
    );
  });
}

/** In light and in dark axe finds nothing (WCAG 2.2), and nothing runs over the edge. */
export async function isSound(page: Page, { width }: { width: number }): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await axeFindings(page), colorScheme).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
}

/** What a press reads that came while the page had just moved (L10). */
export const tooEarly = (page: Page): Locator => page.getByText('The page had just changed.').first();

/** Presses a button at rest, as a person does: once more where the page says that it came too early. */
export async function press(
  page: Page,
  button: string | RegExp | Locator,
  within = page.locator('body'),
): Promise<void> {
  const named = typeof button === 'string' || button instanceof RegExp;
  const pressed = (named ? within.getByRole('button', { name: button }) : button).first();
  do await pressed.click();
  while (await tooEarly(page).isVisible());
}

/** Strikes a key that stands for a button, as a person does: at rest, and once more where it came too early. */
export async function strike(page: Page, key: string): Promise<void> {
  do {
    await page.waitForFunction(() => document.querySelector('[data-resting=true]') === null);
    await page.keyboard.press(key);
  } while (await tooEarly(page).isVisible());
}

/** Types the word that is shown, and confirms with it. */
export async function typeToConfirm(page: Page, word: string): Promise<void> {
  await page.getByLabel(`Type ${word} to confirm`).fill(word);
  await strike(page, 'Enter');
}

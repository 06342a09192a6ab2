/** What the tests of the review desk share: its cases, what became of them, and presses as a person makes them. */
import type { Locator, Page } from 'playwright-core';
import { DESK_CASES } from '../../dev/fixtures/desk-cases.mjs';
import { createWorld, idOf, press, type World } from './world';

export const createDesk = (): Promise<World> => createWorld({ definitions: DESK_CASES });

export interface Found {
  state: string;
  stage: string;
  level: number;
  lastBody: Record<string, unknown>;
  acts?: string[];
}

/** A case as the companion has it. */
export const findIn = (world: World, name: string): Found => world.companion.find(idOf(name)) as unknown as Found;

/** Answers an item of the checklist. */
export const check = (page: Page, title: string, answer: string): Promise<void> =>
  page.getByRole('group', { name: title }).getByLabel(answer, { exact: true }).check();

/** Presses a button, and waits for what that brings: an answer that is slow is no reason to press twice. */
export async function act(button: Locator, effect: Locator): Promise<void> {
  await press(button.page(), button);
  await effect.waitFor();
}

/** One of the main answers. */
export const main = (page: Page, name: string | RegExp): Locator =>
  page.locator('.actions__main').getByRole('button', { name });

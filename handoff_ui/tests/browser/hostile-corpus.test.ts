import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOSTILE, type Hostile } from '../corpus/hostile';
import { caseAt, createWorld, type World } from './world';

const PER_CASE = 12;
/** A megabyte takes its time on a busy machine, and a family has more than one. */
const PATIENCE_MS = 40_000;
const FAMILY_MS = 300_000;
const ROOM_BYTES = 4_000;
const families = [...new Set(HOSTILE.map(({ family }) => family))];
const bytesOf = (text: string): number => Buffer.byteLength(JSON.stringify(text));

/** Cases of a family: several outputs each, as many as one token holds; a long one comes alone, as a large value. */
function casesOf(family: string): { name: string; texts: string[]; hides: boolean }[] {
  const cases: Hostile[][] = [[]];
  let used = 0;
  for (const one of HOSTILE.filter((each) => each.family === family)) {
    const size = bytesOf(one.text);
    if (used > 0 && (used + size > ROOM_BYTES || cases.at(-1)?.length === PER_CASE)) {
      cases.push([]);
      used = 0;
    }
    cases.at(-1)?.push(one);
    used += size;
  }
  return cases.map((some, at) => ({
    name: `${family.replaceAll(/[^a-z]/g, '')}${String.fromCharCode(97 + Math.floor(at / 26), 97 + (at % 26))}`,
    texts: some.map(({ text }) => text),
    hides: some.some(({ hides }) => hides),
  }));
}

const definitions = families.flatMap(casesOf).map(({ name, texts }) => ({
  name,
  title: `A reply: ${texts[0]?.slice(0, 200) ?? ''}`,
  question: 'Send this reply?',
  request: { message: 'My parcel arrived broken.' },
  model_output: Object.fromEntries(texts.map((text, at) => [`text_${at + 10}`, text])),
  metadata: {
    confidence: 0.7,
    model: { name: texts[0]?.slice(0, 100) ?? null },
    rationale: texts[0]?.slice(0, 500) ?? null,
    impact: texts[1]?.slice(0, 200) ?? null,
    counterfactuals: texts.slice(2, 4).map((text) => text.slice(0, 200)),
    evidence: [
      { title: texts[0]?.slice(0, 100) ?? '', text: texts[1]?.slice(0, 200) ?? '', url: 'javascript:alert(1)' },
    ],
  },
}));

describe.each([
  ['with the CSP', true],
  ['without the CSP, as where something between strips it', false],
])('H2, H3, H4: 500 hostile outputs, %s', (_, csp) => {
  let world: World;
  let page: Page;
  beforeAll(async () => {
    world = await createWorld({ definitions, csp });
    page = await world.open('#/x');
  });
  afterAll(() => world.close());

  it('the header is there, or is not', async () => {
    const response = await page.request.get(world.url);
    expect(response.headers()['content-security-policy'] !== undefined).toBe(csp);
  });

  it.each(families)(
    '%s: none runs, sends, makes an element, or lies over a control',
    async (family) => {
      for (const { name, texts, hides } of casesOf(family)) {
        await page.goto('about:blank');
        await page.goto(`${world.url}${caseAt(name)}`);
        await page
          .locator('.side[data-part=model_output] .quote')
          .nth(texts.length - 1)
          .waitFor({ timeout: PATIENCE_MS });
        const found = await page.evaluate(lookAround);
        expect(found, name).toEqual({
          pwned: false,
          elements: found.elements.filter((element) => ['B', 'SPAN'].includes(element)),
          strangers: [],
          covered: [],
          outside: 0,
        });
        const approve = page.getByRole('button', { name: 'Approve', exact: true });
        expect(await approve.getAttribute('data-off'), name).toBe(String(hides));
      }
      expect(world.faults).toEqual([]);
    },
    FAMILY_MS,
  );
});

/** Runs in the page: what got through, which elements are in the texts of others, and whether a control of ours is covered. */
function lookAround(): {
  pwned: boolean;
  elements: string[];
  strangers: string[];
  covered: string[];
  outside: number;
} {
  const quotes = [...document.querySelectorAll<HTMLElement>('.side[data-part=model_output] .quote')];
  const inside = [...document.querySelectorAll('.quote *, bdi *')];
  const attributes = new Set(inside.flatMap((element) => element.getAttributeNames()));
  const controls = [...document.querySelectorAll<HTMLElement>('.actions__main button')];
  const pane = document.querySelector('.side[data-part=model_output] .side__body')?.getBoundingClientRect();
  return {
    pwned: 'pwned' in window,
    elements: [...new Set(inside.map(({ tagName }) => tagName))].sort(),
    strangers: [...attributes].filter((name) => !['class', 'title'].includes(name)),
    covered: controls
      .filter((control) => {
        const { x, y, width, height } = control.getBoundingClientRect();
        return !control.contains(document.elementFromPoint(x + width / 2, y + height / 2));
      })
      .map(({ innerText }) => innerText),
    // Nothing of a quote reaches over the sides of its pane.
    outside: quotes.filter((quote) => {
      const { left, right } = quote.getBoundingClientRect();
      return pane === undefined || left < pane.left || right > pane.right + 1;
    }).length,
  };
}

import { describe, expect, it } from 'vitest';
import { isNarrowLabel } from './display';
import { placesOf } from './places';

describe('where something was found', () => {
  it('names each field once, by its side and in the order found', () => {
    const pointers = ['/model_output/summary', '/request/body', '/request/from_name', '/request/body', '/risk_tier'];
    expect(placesOf(pointers, [])).toEqual({ request: ['Body', 'From name'], output: ['Summary'] });
  });
  it('uses the label that the workflow gave the field, also for what lies deeper in it', () => {
    const display = [{ label: 'Mail', path: '/request/mail', kind: 'text' as const }];
    expect(placesOf(['/request/mail/parts/0/text'], display).request).toEqual(['Mail']);
  });
  it('looks past the line that a detector names', () => {
    const pointers = ['/model_output/summary#L4', '/model_output/summary#L9', '/request#L1'];
    expect(placesOf(pointers, [])).toEqual({ request: ['the text'], output: ['Summary'] });
  });
  it('says "the text" where the part is one text, and nothing of rules and flags', () => {
    expect(placesOf(['/model_output', '/flags', 'rules/limit', ''], [])).toEqual({ request: [], output: ['the text'] });
  });
});

describe('a label beside its value', () => {
  it.each([
    ['Priority', true],
    ['Recommended action', true],
    ['Kraftfahrzeughaftpflichtversicherungsnummer', false],
    ['Next step of the approval of the second draft', false],
    ['', true],
  ])('%s: %s', (label, fits) => {
    expect(isNarrowLabel(label)).toBe(fits);
  });
});

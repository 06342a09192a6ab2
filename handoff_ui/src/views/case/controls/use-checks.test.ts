import { describe, expect, it } from 'vitest';
import type { GateAnswer, Live } from '../../../api/types';
import { gate, item, live } from '../../../../tests/live';
import { checkedGates, gatesOf } from './use-checks';

interface Given {
  result: GateAnswer;
  note: string;
}
const pass: Given = { result: 'pass', note: '' };

describe('R-GATE-06: gates open one after the other', () => {
  it('the second opens once every item of the first passed, here or at the companion', () => {
    const gates = [gate('a'), gate('b')];
    expect(checkedGates(gates, new Map()).map(({ open }) => open)).toEqual([true, false]);
    const half = checkedGates(gates, new Map([['a\none', pass]]));
    expect(half.map(({ open, passed }) => [open, passed])).toEqual([
      [true, false],
      [false, false],
    ]);
    const all = new Map<string, Given>([
      ['a\none', pass],
      ['a\ntwo', { result: 'not_applicable', note: '' }],
    ]);
    expect(checkedGates(gates, all).map(({ open }) => open)).toEqual([true, true]);
    const known = [gate('a', { items: [item('one', { result: 'pass' })] }), gate('b')];
    expect(checkedGates(known, new Map())[1]?.open).toBe(true);
  });
  it('a failed item, or a gate that is not this person’s, opens nothing behind it', () => {
    const failed = new Map<string, Given>([
      ['a\none', pass],
      ['a\ntwo', { result: 'fail', note: '' }],
    ]);
    expect(checkedGates([gate('a'), gate('b')], failed)[1]?.open).toBe(false);
    expect(checkedGates([gate('a', { may_answer: false })], new Map())[0]?.open).toBe(false);
  });
  it('R-GATE-11: whether the rules are still the same is Handoff’s to answer, whatever was ticked', () => {
    const rules = gate('a', { items: [item('rules', { check: 'policy_version', result: 'fail' })] });
    expect(checkedGates([rules], new Map([['a\nrules', pass]]))[0]?.items[0]).toMatchObject({
      given: null,
      result: 'fail',
    });
  });
  it('R-GATE-12: of two reviews each has its own; with one review, all count', () => {
    const gates = [gate('first'), gate('second', { review: 2 })];
    const two = { blind_until_you_decide: true, first_action: null };
    const names = (at: Live): string[] => gatesOf(at).map(({ id }) => id);
    expect(names(live({ gates, second_review: two }))).toEqual(['first']);
    expect(names(live({ gates, second_review: two, state: 'awaiting_second_review' }))).toEqual(['second']);
    expect(names(live({ gates }))).toEqual(['first', 'second']);
    const edited = { blind_until_you_decide: true, first_action: 'modify' as const };
    expect(names(live({ gates, second_review: edited, state: 'awaiting_second_review' }))).toEqual(['first', 'second']);
  });
  it('of an edit nothing was checked yet: every answer is asked for again, but not what Handoff answers itself', () => {
    const rules = item('rules', { check: 'policy_version', result: 'pass' });
    const known = [gate('a', { items: [item('one', { result: 'pass' }), rules] }), gate('b')];
    const anew = checkedGates(known, new Map(), true);
    expect(anew.flatMap(({ items }) => items.map(({ result }) => result))).toEqual([null, 'pass', null, null]);
    expect(anew.map(({ open }) => open)).toEqual([true, false]);
    const ticked = checkedGates(known, new Map([['a\none', pass]]), true);
    expect(ticked.map(({ open }) => open)).toEqual([true, true]);
  });
});

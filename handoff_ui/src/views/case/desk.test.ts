import { describe, expect, it } from 'vitest';
import type { Gate, GateAnswer, Live, ResponseForm } from '../../api/types';
import { redactionAt } from '../../content/redaction';
import type { Verified } from '../../trust/token';
import { bandOf } from '../../words/confidence';
import { levelWords, stageWords, targetsOf } from '../../words/stage';
import { arrived, requestOf, type Act } from './acts';
import { whyNotBegin, whyNotSend, type Facts } from './blocks';
import { changedFields, fieldFault, startOf, valuesOf } from './response-values';
import { checkedGates, gatesOf } from './use-checks';

const item = (id: string, more: object = {}) => ({
  id,
  title: id,
  criterion: 'c',
  check: 'pass_fail' as const,
  not_applicable: false,
  result: null,
  by: null,
  at: null,
  ...more,
});
const gate = (id: string, more: Partial<Gate> = {}): Gate => ({
  id,
  title: id,
  review: 1,
  open: true,
  may_answer: true,
  items: [item('one'), item('two')],
  ...more,
});
const live = (changes: Partial<Live> = {}): Live =>
  ({ id: 'ho_1', state: 'pending', version: 3, reviewer_level: 1, history: [], notes: [], ...changes }) as Live;
const verified = { packageDigest: 'sha256:p', viewDigest: 'sha256:v' } as Verified;
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

const calm: Facts = {
  sessionEnded: false,
  stale: false,
  mismatch: false,
  missing: false,
  loading: false,
  unacknowledged: false,
  faults: 0,
  changed: true,
  failed: [],
  unanswered: 0,
  waitsFor: null,
  unshown: null,
  formFaults: [],
  editRefused: null,
  editUnchecked: false,
  disclosed: false,
};

describe('R-UI-19: what keeps an approval back', () => {
  it.each([
    ['an open check', { unanswered: 2 }, /each check first: 2 open/],
    ['a failed check', { failed: ['Evidence'] }, /only go back/, /failed on your version/],
    [
      'a gate of somebody else',
      { waitsFor: 'Budget', unanswered: 1 },
      /Somebody else has to answer “Budget”/,
      /pass “Budget” too/,
    ],
    ['a field of the form', { formFaults: ['Priority'] }, /Fill in first: Priority/],
  ])('%s, an edited approval too; rejecting stays open', (_, changes, words, ofEdit = words) => {
    const facts = { ...calm, ...changes };
    expect(whyNotBegin('approve', facts)).toMatch(words);
    expect(whyNotSend('modify', facts)).toMatch(ofEdit);
    expect(whyNotSend('reject', facts)).toBeNull();
  });
  it('R-ACT-04: an edit that the rules refuse, or that they were not asked about yet, is not sent', () => {
    expect(whyNotSend('modify', { ...calm, editRefused: 'No promises.' })).toMatch(/do not let/);
    expect(whyNotSend('modify', { ...calm, editUnchecked: true })).toMatch(/being checked/);
  });
  it('nothing is sent back unless a check failed', () => {
    expect(whyNotSend('verify', calm)).toBe('No check failed.');
    expect(whyNotSend('verify', { ...calm, failed: ['Evidence'] })).toBeNull();
  });
});

describe('R-UI-22: the form', () => {
  const form: ResponseForm = {
    required: ['kind'],
    properties: {
      kind: { type: 'string', enum: ['a', 'b'], default: 'a' },
      amount: { type: 'number', maximum: 100, default: 40 },
      pieces: { type: 'integer' },
      sure: { type: 'boolean', default: false },
    },
  };
  it('starts from what was filled in, and gives values of the right type back', () => {
    expect(valuesOf(form, startOf(form))).toEqual({ value: { kind: 'a', amount: 40, sure: false }, faults: [] });
    const typed = { ...startOf(form), amount: '35.5', pieces: '2', sure: 'true' };
    expect(valuesOf(form, typed).value).toEqual({ kind: 'a', amount: 35.5, pieces: 2, sure: true });
    expect(changedFields(form, typed)).toEqual(['Amount', 'Sure']);
  });
  it('names what is missing or cannot be', () => {
    const typed = { ...startOf(form), kind: '', amount: '101', pieces: '1.5' };
    expect(valuesOf(form, typed)).toEqual({ value: { sure: false }, faults: ['Kind', 'Amount', 'Pieces'] });
    expect(fieldFault({ type: 'number' }, false, '4,5')).toMatch(/without commas/);
    expect(fieldFault({ type: 'string', maxLength: 3 }, false, 'four')).toMatch(/At most 3/);
  });
});

describe('acts of the desk', () => {
  it('an approval carries the checks, the form and what was noted, and nothing that was not given', () => {
    const more = { gate_results: [{ gate: 'a', item: 'one', result: 'pass' as const }], response: { kind: 'a' } };
    const act: Act = { kind: 'approve', reasonCode: null, rationale: null, confirmWord: null, more };
    expect(requestOf(act, live(), verified, 'k').request.body).toMatchObject(more);
    const bare = requestOf({ ...act, more: {} }, live(), verified, 'k').request.body;
    expect(bare).not.toHaveProperty('gate_results');
    expect(bare).not.toHaveProperty('response');
  });
  it('checks and sorting name the version that was looked at; undo takes the decision away', () => {
    const verify: Act = { kind: 'verify', answers: [], reasonCode: 'c', rationale: 'r' };
    const triage: Act = { kind: 'triage', sorted: { risk_tier: 'high' }, reasonCode: null, rationale: null };
    for (const act of [verify, triage]) {
      expect(requestOf(act, live(), verified, 'k').request.headers).toEqual({ 'If-Match': '"3"' });
    }
    expect(requestOf({ kind: 'undo' }, live(), verified, 'k')).toMatchObject({
      path: '/v1/handoffs/ho_1/decision',
      request: { method: 'DELETE' },
    });
  });
  it('are known again after a lost answer', () => {
    const by = { id: 'rv_me', name: 'N' };
    const answered = [gate('a', { items: [item('one', { result: 'pass', by })] })];
    const act: Act = {
      kind: 'verify',
      answers: [{ gate: 'a', item: 'one', result: 'pass' }],
      reasonCode: null,
      rationale: null,
    };
    expect(arrived(act, live(), live({ version: 4, gates: answered }), 'rv_me')).toBe(true);
    expect(arrived(act, live(), live({ version: 4, gates: answered }), 'rv_other')).toBe(false);
    expect(arrived({ kind: 'undo' }, live({ state: 'approved' }), live(), 'rv_me')).toBe(true);
    expect(arrived({ kind: 'undo' }, live({ state: 'approved' }), live({ state: 'approved' }), 'rv_me')).toBe(false);
  });
});

describe('words of the desk', () => {
  it('R-UI-20: the stage is named, and what it is for', () => {
    const two = { blind_until_you_decide: true, first_action: null };
    expect(stageWords(live())).toBeNull();
    expect(stageWords(live({ stage: 'triage' }))?.title).toBe('Triage.');
    expect(stageWords(live({ second_review: two }))?.title).toBe('Review 1 of 2.');
    expect(stageWords(live({ second_review: two, state: 'awaiting_second_review' }))?.title).toBe('Review 2 of 2.');
    expect(stageWords(live({ route: 'synchronous_human_review' }))?.title).toMatch(/waiting for you/);
  });
  it('a case that nobody raised begins at its level', () => {
    const at = '2026-11-21T08:00:00Z';
    expect(levelWords(live())).toBeNull();
    expect(levelWords(live({ reviewer_level: 2 }))).toBe('Begins at level 2');
    const raised = [{ at, type: 'handoff.escalated', text: 't', by: null }];
    expect(levelWords(live({ reviewer_level: 2, history: raised }))).toBe('Escalated to level 2');
  });
  it('R-ACT-05: a case is handed to the next level, or on to a place that the policy names; never to where it is', () => {
    const target = (id: string, title: string, level: number) => ({ id, title, level });
    const escalation_targets = [
      target('level_1', 'Reviewer', 1),
      target('level_2', 'Specialist', 2),
      target('level_3', 'Manager', 3),
      target('legal', 'Legal', 4),
    ];
    expect(targetsOf(live({ escalation_targets })).map(({ words }) => words)).toEqual([
      'The next level: Specialist',
      'Manager (level 3)',
      'Legal (level 4)',
    ]);
    const highest = live({ reviewer_level: 4, escalation_targets: [target('legal', 'Legal', 4)] });
    expect(targetsOf(highest).map(({ id }) => id)).toEqual(['legal']);
    expect(targetsOf(live())).toEqual([{ id: '', words: 'The next level: 2' }]);
  });
  it('R-SUP-02: the cut-offs of the badge are those of the policy', () => {
    expect([0.85, 0.84, 0.6, 0.59, null].map((share) => bandOf(share))).toEqual([
      'green',
      'yellow',
      'yellow',
      'red',
      'none',
    ]);
    expect(bandOf(0.9, { green_from: 0.95, yellow_from: 0.5 })).toBe('yellow');
  });
});

describe('R-UI-23: what is hidden', () => {
  it('is found by its path, with what lies inside of it, and `*` for one member', () => {
    const redacted = [
      { path: '/request/customer/name', label: 'Name' },
      { path: '/request/lines/*/price', label: 'Price' },
    ];
    expect(redactionAt(redacted, '/request/customer/name')).toBe('Name');
    expect(redactionAt(redacted, '/request/customer/name/first')).toBe('Name');
    expect(redactionAt(redacted, '/request/customer')).toBeNull();
    expect(redactionAt(redacted, '/request/lines/3/price')).toBe('Price');
    expect(redactionAt(redacted, '/request/lines/3/4/price')).toBeNull();
  });
});

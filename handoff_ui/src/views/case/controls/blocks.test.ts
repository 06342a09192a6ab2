import { describe, expect, it } from 'vitest';
import { whyNotBegin, whyNotSend, type Facts } from './blocks';

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
  sentFor: null,
  unanswered: 0,
  waitsFor: null,
  unshown: null,
  formFaults: [],
  editRefused: null,
  editUnchecked: false,
  disclosed: false,
};

describe('what blocks an act', () => {
  it('nothing, when all is well', () => {
    for (const kind of ['approve', 'modify', 'reject', 'ask'] as const) expect(whyNotSend(kind, calm)).toBeNull();
  });
  it('H1, R-CTX-04: nobody approves what is not all there, or not what was signed; rejecting stays open', () => {
    for (const changes of [{ mismatch: true, missing: true }, { missing: true }, { loading: true }]) {
      expect(whyNotBegin('approve', { ...calm, ...changes })).not.toBeNull();
      expect(whyNotBegin('modify', { ...calm, ...changes })).not.toBeNull();
      expect(whyNotSend('reject', { ...calm, ...changes })).toBeNull();
    }
  });
  it('H3: approving asks to acknowledge what is hidden; beginning an edit does not', () => {
    const facts = { ...calm, unacknowledged: true };
    expect(whyNotBegin('approve', facts)).not.toBeNull();
    expect(whyNotBegin('modify', facts)).toBeNull();
    expect(whyNotSend('modify', facts)).not.toBeNull();
  });
  it('an edit that changes nothing, or holds what is no number, is not sent', () => {
    expect(whyNotSend('modify', { ...calm, changed: false })).toBe('Nothing is changed yet.');
    expect(whyNotSend('modify', { ...calm, faults: 1 })).toMatch(/not a number/);
  });
  it('everything waits for a sign-in and for the newest version', () => {
    expect(whyNotBegin('reject', { ...calm, sessionEnded: true })).toMatch(/Sign in/);
    expect(whyNotBegin('ask', { ...calm, stale: true })).toMatch(/new version/);
  });
});

describe('R-UI-19: what keeps an approval back', () => {
  it.each([
    ['an open check', { unanswered: 2 }, /each check first: 2 open/],
    ['a failed check', { failed: ['Evidence'] }, /only go back/, /failed on your version/],
    [
      'a check that failed before',
      { failed: ['Evidence'], sentFor: '“Evidence” failed.' },
      /^“Evidence” failed\.$/,
      /failed on your version/,
    ],
    [
      'a gate of somebody else',
      { waitsFor: 'Budget', unanswered: 1 },
      /Somebody else has to answer “Budget”/,
      /pass “Budget” too/,
    ],
    ['a field of the form', { formFaults: ['Fill in first: Priority.'] }, /Fill in first: Priority/],
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

import { describe, expect, it } from 'vitest';
import type { Live } from '../../../api/types';
import type { Verified } from '../../../trust/token';
import { decidedBy, disagreed, gate, item, live, ME } from '../../../../tests/live';
import { arrived, requestOf, type Act } from './acts';

const verified = { packageDigest: 'sha256:p', viewDigest: 'sha256:v' } as Verified;
const reject: Act = { kind: 'reject', reasonCode: 'wrong_category', rationale: 'No.', confirmWord: null };
const escalatedBy = (id: string): Partial<Live> => ({
  history: [{ at: 'x', type: 'handoff.escalated', text: 't', by: { id, name: 'N' } }],
});

describe('H1: a decision names exactly what was shown', () => {
  it('carries the version that was looked at and both digests', () => {
    const { path, request } = requestOf(reject, live(), verified, 'k');
    expect(path).toBe('/v1/handoffs/ho_1/decision');
    expect(request).toMatchObject({ method: 'POST', headers: { 'If-Match': '"3"' } });
    expect(request.body).toEqual({
      action: 'reject',
      package_digest: 'sha256:p',
      view_digest: 'sha256:v',
      reason_code: 'wrong_category',
      rationale: 'No.',
    });
  });
  it('carries an edited output with an edit, and with nothing else', () => {
    const modify: Act = { kind: 'modify', edited: { a: 1 }, reasonCode: 'x', rationale: 'y', confirmWord: 'maple' };
    expect(requestOf(modify, live(), verified, 'k').request.body).toMatchObject({
      edited_output: { a: 1 },
      confirm_word: 'maple',
    });
    expect(requestOf(reject, live(), verified, 'k').request.body).not.toHaveProperty('edited_output');
  });
});

describe('A1: what a browser sends again by itself happens once', () => {
  it('notes, questions, escalations and rollbacks carry a key; a decision has its version', () => {
    const reason = { reasonCode: 'c', rationale: 'r' };
    const acts: Act[] = [
      { kind: 'annotate', text: 't' },
      { kind: 'ask', text: 't' },
      { kind: 'escalate', ...reason },
      { kind: 'roll_back', ...reason },
    ];
    for (const act of acts) {
      expect(requestOf(act, live(), verified, 'k-1').request.headers).toEqual({ 'Idempotency-Key': 'k-1' });
    }
    expect(requestOf(reject, live(), verified, 'k-1').request.headers).toEqual({ 'If-Match': '"3"' });
  });
});

describe('after a lost answer the page finds out what became of the press', () => {
  it('knows its own decision again, and does not take another’s for it', () => {
    expect(arrived(reject, live(), live(decidedBy(ME, 'reject', 'No.')), ME)).toBe(true);
    expect(arrived(reject, live(), live(decidedBy('rv_other', 'reject', 'No.')), ME)).toBe(false);
    expect(arrived(reject, live(), live(decidedBy(ME, 'approve', null)), ME)).toBe(false);
    expect(arrived(reject, live(), live(), ME)).toBe(false);
  });
  it('knows the first of two approvals', () => {
    const approve: Act = { kind: 'approve', reasonCode: null, rationale: null, confirmWord: null };
    const first = { state: 'awaiting_second_review', first_approval: { by: { id: ME, name: 'N' }, at: 'x' } } as const;
    expect(arrived(approve, live(), live(first), ME)).toBe(true);
  });
  it('knows the second reviewer’s no, which leaves the case open', () => {
    expect(arrived(reject, live(), live(disagreed(ME)), ME)).toBe(true);
    expect(arrived(reject, live(disagreed(ME)), live(disagreed(ME)), ME)).toBe(false);
    expect(arrived(reject, live(), live(disagreed('rv_other')), ME)).toBe(false);
    expect(arrived({ ...reject, kind: 'approve' }, live(), live(disagreed(ME)), ME)).toBe(false);
  });
  it('knows an escalation to a place of the same level, and does not take another’s for it', () => {
    const act: Act = { kind: 'escalate', reasonCode: 'c', rationale: 'r', target: 'legal' };
    expect(arrived(act, live(), live(escalatedBy(ME)), ME)).toBe(true);
    expect(arrived(act, live(), live({ ...escalatedBy('rv_other'), reviewer_level: 2 }), ME)).toBe(false);
    expect(arrived(act, live(escalatedBy(ME)), live(escalatedBy(ME)), ME)).toBe(false);
  });
  it('knows notes, questions and claims', () => {
    expect(
      arrived({ kind: 'annotate', text: 'n' }, live(), live({ notes: [{ at: 'x', by: null, text: 'n' }] }), ME),
    ).toBe(true);
    expect(arrived({ kind: 'ask', text: 'q' }, live(), live({ question_open: 'q' }), ME)).toBe(true);
    expect(arrived({ kind: 'claim' }, live(), live({ claim: { by: { id: ME, name: 'N' }, until: 'x' } }), ME)).toBe(
      true,
    );
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

import { describe, expect, it } from 'vitest';
import type { Live } from '../../api/types';
import type { Verified } from '../../trust/token';
import { arrived, requestOf, type Act } from './acts';
import { whyNotBegin, whyNotSend, type Facts } from './blocks';
import { doneWords } from './form-words';
import { consequenceWords, deliveryWords, outcomeWords, takeBackWords, yesWords } from './outcome-words';

const ME = 'rv_me';
const live = (changes: Partial<Live> = {}): Live => ({
  id: 'ho_1',
  group_id: 'gr_1',
  group: { size: 1, index: 0 },
  workflow_id: 'w',
  task_id: null,
  title: 't',
  question: 'q?',
  state: 'pending',
  approved: null,
  version: 3,
  package_digest: 'sha256:p',
  risk_tier: 'medium',
  confidence: 0.6,
  reviewer_level: 1,
  created_at: '2026-11-21T08:00:00.000Z',
  expires_at: '2026-11-21T18:00:00.000Z',
  decided_at: null,
  decided_by: null,
  decision: null,
  claim: null,
  delivery: null,
  actions: [],
  reason_codes: [],
  assurance: { have: 'signed_in', need: 'signed_in' },
  confirm_word: null,
  notes: [],
  history: [],
  ...changes,
});
const verified = { packageDigest: 'sha256:p', viewDigest: 'sha256:v' } as Verified;
const reject: Act = { kind: 'reject', reasonCode: 'wrong_category', rationale: 'No.', confirmWord: null };
const decidedBy = (id: string, action: 'approve' | 'reject', rationale: string | null): Partial<Live> => ({
  state: action === 'approve' ? 'approved' : 'rejected',
  version: 4,
  decided_by: { id, name: 'N' },
  decision: { action, decision_action: null, reason_code: null, rationale, event_id: 'e', edited: false, cause: null },
});
const disagreed = (second: string): Partial<Live> => ({
  disagreements: [
    {
      at: 'x',
      first_by: { id: 'rv_first', name: 'F' },
      first_action: 'approve',
      second_by: { id: second, name: 'N' },
      second_action: 'reject',
    },
  ],
});
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

describe('R-ACT-06: what taking an approval back means for the workflow', () => {
  const delivery = { id: 'd', status: 'delivered', cause: null, attempts: 1, last_attempt_at: '2026-11-21T08:00:01Z' };
  const at = (moment: string): Partial<Live> => ({
    state: 'rolled_back',
    history: [{ at: moment, type: 'handoff.rolled_back', text: 't', by: null }],
  });
  it('says before and after that a workflow that was told is not called again', () => {
    const told = { delivery: { ...delivery, status: 'delivered' as const } };
    expect(takeBackWords(live(told))).toContain('not called again');
    expect(consequenceWords(live({ ...told, ...at('2026-11-21T09:00:00Z') }))).toContain('not called again');
  });
  it('says that a workflow that was not told hears of no approval', () => {
    const waiting = { delivery: { ...delivery, status: 'pending' as const, attempts: 0, last_attempt_at: null } };
    expect(takeBackWords(live(waiting))).toContain('nothing is approved');
    expect(consequenceWords(live({ ...waiting, ...at('2026-11-21T08:00:00Z') }))).toContain('nothing is approved');
    const since = { delivery: { ...delivery, status: 'delivered' as const } };
    expect(consequenceWords(live({ ...since, ...at('2026-11-21T08:00:00Z') }))).toContain('nothing is approved');
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

describe('what blocks an act', () => {
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

describe('what is said of a press while the case stays open', () => {
  const first = { state: 'awaiting_second_review', first_approval: { by: { id: ME, name: 'N' }, at: 'x' } } as const;
  const mayApprove = { action: 'approve', label: 'l', primary: true, needs_reason: false, why_not: null } as const;

  it('R-UI-20: the first of two approvals counts with the second', () => {
    for (const kind of ['approve', 'modify'] as const) {
      expect(doneWords(kind, live(first), ME)?.title).toBe('Your approval is recorded.');
    }
    expect(doneWords('approve', live(disagreed('rv_other')), ME)).toBeNull();
  });
  it('R-GATE-15: the second reviewer’s no is told as a no', () => {
    const words = doneWords('reject', live(disagreed(ME)), ME);
    expect(words?.title).toBe('Your rejection is recorded.');
    expect(words?.text).toContain('third person');
  });
  it('R-ACT-05: whoever hands a case on may decide it only where they could before', () => {
    const mine = live({ actions: [{ ...mayApprove, allowed: true }] });
    expect(doneWords('escalate', mine, ME)?.text).toContain('You can still decide it');
    for (const actions of [[], [{ ...mayApprove, allowed: false }]]) {
      expect(doneWords('escalate', live({ actions }), ME)?.text).not.toContain('You can');
    }
  });
});

describe('what follows a yes', () => {
  const second_review = { blind_until_you_decide: false, first_action: null };

  it('the workflow goes on, where this one answer is all it waits for', () => {
    expect(yesWords(live())).toEqual({ workflow: true, words: 'goes on with exactly what is shown here.' });
    expect(yesWords(live({ second_review, state: 'awaiting_second_review' })).workflow).toBe(true);
  });
  it('nothing goes on at the first of two reviews', () => {
    const { workflow, words } = yesWords(live({ second_review, group: { size: 3, index: 0 } }));
    expect([workflow, words]).toEqual([false, expect.stringContaining('nothing goes on before')]);
  });
  it('a case of a group waits for the others of it', () => {
    expect(yesWords(live({ group: { size: 3, index: 0 } })).words).toContain(
      'once every case of this group is decided',
    );
  });
  it('nothing goes on by itself where Handoff itself asks, before and after the decision', () => {
    const own = live({ subject: 'ho_0', group: { size: 1, index: 0 } });
    expect(yesWords(own)).toEqual({ workflow: false, words: expect.stringContaining('No workflow') as string });
    const decided = { ...own, ...decidedBy(ME, 'approve', null) };
    for (const text of [
      deliveryWords(decided, 0).text,
      takeBackWords(decided),
      consequenceWords({ ...decided, state: 'rolled_back' }),
    ]) {
      expect(text).not.toMatch(/The workflow|the workflow/);
    }
  });
});

describe('words', () => {
  it('say who and what, and never read an expiry as a rejection', () => {
    expect(outcomeWords(live(decidedBy('x', 'approve', null)), ME)).toBe('N approved this');
    expect(outcomeWords(live(decidedBy(ME, 'reject', null)), ME)).toBe('You rejected this');
    expect(outcomeWords(live({ state: 'expired' }), ME)).toBe('Nobody decided in time');
  });
  it('sound an alarm only where the answer does not reach the workflow', () => {
    const delivery = { id: 'dl', cause: 'execution_gone', attempts: 1, last_attempt_at: null };
    for (const status of ['pending', 'retrying', 'delivered', 'uncertain', 'superseded'] as const) {
      expect(deliveryWords(live({ delivery: { ...delivery, status } }), 0).tone).toBe('calm');
    }
    expect(deliveryWords(live({ delivery: { ...delivery, status: 'failed' } }), 0)).toMatchObject({
      tone: 'alarm',
      text: expect.stringContaining('Execution gone.') as string,
    });
  });
});

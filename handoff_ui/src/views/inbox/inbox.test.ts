import { describe, expect, it } from 'vitest';
import type { ListedRow, Listing } from '../../api/desk-types';
import { alikeIn } from './alike';
import { append, arrive, settle } from './arriving';
import { leftWords, rowUrgency } from './due';
import { emptyWords } from './empty';
import { reasonWords } from './row-words';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const MIN = 60_000;
const iso = (ms: number): string => new Date(ms).toISOString();

const row = (id: string, more: Partial<ListedRow> = {}): ListedRow => ({
  id,
  group_id: 'gr_1',
  group: { size: 1, index: 0 },
  workflow_id: 'w',
  task_id: null,
  title: 't',
  question: 'q?',
  state: 'pending',
  approved: null,
  version: 1,
  package_digest: 'sha256:0',
  risk_tier: 'low',
  confidence: null,
  reviewer_level: 1,
  created_at: iso(NOW),
  expires_at: iso(NOW + 600 * MIN),
  decided_at: null,
  decided_by: null,
  decision: null,
  claim: null,
  ...more,
});
const page = (ids: string[], cursor: string | null = null): Listing => ({
  items: ids.map((id) => row(id)),
  cursor,
  waiting: ids.length,
  decided_today: 0,
});
const ids = ({ rows }: { rows: ListedRow[] }): string[] => rows.map(({ id }) => id);

describe('R-UI-21, R-STORE-11: rows stand in the order in which they are served', () => {
  it('keeps the order of the companion, whatever risk or time would say', () => {
    expect(ids(arrive(null, 'a', page(['late', 'soon', 'early']), false))).toEqual(['late', 'soon', 'early']);
  });
  it('puts later pages below, each case once', () => {
    const first = arrive(null, 'a', page(['a', 'b'], 'c1'), false);
    const both = append(first, page(['b', 'c'], 'c2'));
    expect([ids(both), both.cursor]).toEqual([['a', 'b', 'c'], 'c2']);
    expect(ids(arrive(both, 'a', page(['new', 'a', 'b'], 'c1'), false))).toEqual(['new', 'a', 'b', 'c']);
  });
});

describe('no row moves under a hand', () => {
  const shown = arrive(null, 'a', page(['a', 'b', 'c']), false);
  it('holds new cases back and counts them, marks those that left, and brings the others up to date in place', () => {
    const newest = { ...page(['new', 'c', 'a']), items: [row('new'), row('c', { version: 2 }), row('a')] };
    const held = arrive(shown, 'a', newest, true);
    expect(ids(held)).toEqual(['a', 'b', 'c']);
    expect([held.fresh, [...held.gone], held.rows[2]?.version]).toEqual([['new'], ['b'], 2]);
    expect(ids(settle(held))).toEqual(['new', 'c', 'a']);
    expect([settle(held).fresh, settle(held).gone.size]).toEqual([[], 0]);
  });
  it('says of no case that it left while it may stand on a later page', () => {
    expect(arrive(shown, 'a', page(['new', 'a', 'b'], 'more'), true).gone.size).toBe(0);
  });
  it('holds nothing back in another view, or where nothing stood', () => {
    expect(ids(arrive(shown, 'b', page(['x']), true))).toEqual(['x']);
    expect(ids(arrive(arrive(null, 'a', page([]), false), 'a', page(['x']), true))).toEqual(['x']);
  });
  it('changes nothing where every row stands where it belongs', () => expect(settle(shown)).toBe(shown));
});

describe('R-UI-28: time left', () => {
  const due = (left_min: number, more: Partial<ListedRow> = {}): ListedRow =>
    row('a', { due_at: iso(NOW + left_min * MIN), ...more });
  it.each([
    [due(130), '2 h 10 min', 'calm'],
    [due(14), '14 min', 'urgent'],
    [due(-12), '12 min late', 'over'],
    [row('a'), '10 h', 'calm'],
    [due(900), '10 h', 'calm'],
    [due(-12, { expires_at: iso(NOW) }), 'time is over', 'over'],
    [due(5, { state: 'awaiting_information' }), '10 h', 'calm'],
    [due(-5, { state: 'awaiting_second_review', second_due_at: iso(NOW + 30 * MIN) }), '30 min', 'soon'],
  ])('%# is told as %s', (given, words, urgency) => {
    expect([leftWords(given, NOW), rowUrgency(given, NOW)]).toEqual([words, urgency]);
  });
});

describe('R-STORE-12: cases that are alike', () => {
  const ok = { may_batch: true, queue: 'q1', route: 'r' };
  it('are counted by workflow, queue and route, at the first of them', () => {
    const rows = [row('a', ok), row('b', { ...ok, queue: 'q2' }), row('c', ok), row('d', { ...ok, workflow_id: 'x' })];
    expect([...alikeIn(rows, 'me')]).toEqual([['a', 2]]);
  });
  it('leave out what somebody else holds, what is not open, and what takes no batch', () => {
    const other = { by: { id: 'other', name: 'O' }, until: iso(NOW) };
    const rows = [
      row('a', ok),
      row('b', { ...ok, state: 'claimed', claim: other }),
      row('c', { ...ok, state: 'awaiting_second_review' }),
      row('d', { ...ok, may_batch: false }),
    ];
    expect(alikeIn(rows, 'me').size).toBe(0);
    expect([...alikeIn(rows, 'other')]).toEqual([['a', 2]]);
  });
});

describe('R-UI-21: an empty inbox says which nothing it is', () => {
  it.each([
    [{}, 'Nothing waits for you. 12 decided today.'],
    [{ queue: 'legal' }, 'Nothing waits for you in this view. 12 decided today.'],
    [{ mine: 'true' }, 'Nothing that waits is yours. 12 decided today.'],
    [{ state: 'decided' }, 'Nothing was decided yet.'],
    [{ q: 'x' }, 'Nothing that waits says “x”.'],
  ])('%j', (filters, words) => expect(emptyWords(filters, 12)).toBe(words));
});

describe('why a case waits, on its row', () => {
  const policy = (...codes: string[]): { kind: string; code: string }[] =>
    codes.map((code) => ({ kind: 'policy', code }));
  it('leaves out what other columns say, and puts last what nearly every row says', () => {
    const reasons = [{ kind: 'confidence', code: 'confidence_below_threshold' }];
    expect(reasonWords([...reasons, ...policy('reversible_unknown', 'risk_tier', 'pii', 'own_mark')])).toEqual({
      shown: ['personal data', 'own mark', 'undo unclear'],
      more: 0,
    });
  });
  it('shows four, and how many more there are; a fifth is shown rather than counted', () => {
    expect(reasonWords(policy('a', 'b', 'c', 'd', 'e'))).toEqual({ shown: ['a', 'b', 'c', 'd', 'e'], more: 0 });
    expect(reasonWords(policy('a', 'b', 'c', 'd', 'e', 'f'))).toEqual({ shown: ['a', 'b', 'c', 'd'], more: 2 });
  });
});

import { describe, expect, it } from 'vitest';
import type { Policy, Report, Setting } from '../../api/policy-types';
import {
  baseDocument,
  changed,
  currentValue,
  documentOf,
  lacksOwner,
  rebased,
  toTry,
  UNCHANGED,
  withPath,
} from './draft';
import {
  differenceWords,
  groupOf,
  minutesWords,
  readField,
  sentenceParts,
  slideRange,
  toField,
  valueWords,
} from './setting-words';
import { approverWords } from './approver-words';
import { refusalWords } from './use-sending';
import { faultsOf } from './use-simulation';
import { signerAmong } from './use-signer';
import { loosens, verdictOf } from './verdict';

const confidence: Setting = {
  path: 'thresholds.review_below_confidence',
  sentence: 'Ask a person when the model is less than {value} % sure.',
  label: 'Ask a person below this confidence',
  help: '',
  unit: '%',
  kind: 'share',
  min: 0,
  max: 1,
  step: 0.01,
  value: 0.85,
  default: 0.85,
  bounds: { min: 0.75, max: 0.95 },
};
const risk: Setting = {
  ...confidence,
  path: 'thresholds.review_above_risk',
  label: 'Ask a person above this risk',
  value: 0.6,
  bounds: { min: 0.4, max: 0.7 },
};
const minutes: Setting = {
  ...confidence,
  path: 'sla.complete_minutes',
  sentence: 'A case is decided within {value}.',
  kind: 'minutes',
  unit: 'minutes',
  min: 5,
  max: 2880,
  step: 5,
  value: 240,
  bounds: null,
};
const policy = (more: Partial<Policy> = {}): Policy => ({
  workflow_id: 'w',
  version: 3,
  readable: true,
  document: { schema_version: 1, workflow_id: 'w', owner: { name: 'A', contact: 'a' }, thresholds: { x: 1 } },
  effective: { risk_tier: 'medium' },
  settings: [confidence, risk, minutes],
  inherits: 'default',
  saved_at: null,
  saved_by: null,
  approved_by: null,
  reason: null,
  proposal: null,
  may_save: true,
  may_approve: false,
  ...more,
});
const report = (wrongly: number, more: Partial<Report> = {}): Report => ({
  items: 10,
  days: 30,
  before: { version: 3, lanes: {} },
  after: { lanes: {} },
  changed: 1,
  per_day: [],
  wrongly_approved: wrongly,
  examples: [],
  ...more,
});

describe('R-ROUTE-06: a setting is changed without writing the document', () => {
  it('only what was moved is sent, and everything else of the document stays as it was', () => {
    const draft = changed(UNCHANGED, confidence, 0.8);
    expect(documentOf(policy(), draft)).toEqual({
      ...policy().document,
      thresholds: { x: 1, review_below_confidence: 0.8 },
    });
    expect(documentOf(policy(), UNCHANGED)).toEqual(policy().document);
  });
  it('back at the saved number nothing counts as changed', () => {
    const draft = changed(changed(UNCHANGED, confidence, 0.8), confidence, 0.85);
    expect(draft.changes.size).toBe(0);
  });
  it('makes what is missing on the way, and never the prototype of anything', () => {
    expect(withPath({}, 'a.b.c', 1)).toEqual({ a: { b: { c: 1 } } });
    expect(withPath({ a: [1] }, 'a.b', 1)).toEqual({ a: { b: 1 } });
    withPath({}, '__proto__.polluted', true);
    expect({}).not.toHaveProperty('polluted');
  });
  it('a text that was opened stands in place of the saved one, with its own numbers or the inherited ones', () => {
    const draft = { changes: new Map(), opened: { thresholds: { review_below_confidence: 0.5 } } };
    expect(currentValue(confidence, draft)).toBe(0.5);
    expect(currentValue({ ...risk, default: 0.61 }, draft)).toBe(0.61);
    expect(documentOf(policy(), changed(draft, confidence, 0.7))).toEqual({
      thresholds: { review_below_confidence: 0.7 },
    });
  });
  it('a workflow without rules of its own gets some that begin as those it runs under', () => {
    const none = policy({ version: 0, document: { workflow_id: 'default', title: 'Default' } });
    expect(baseDocument(none)).toEqual({ schema_version: 1, workflow_id: 'w', extends: 'default' });
    expect(lacksOwner(baseDocument(none))).toBe(true);
    expect(lacksOwner(toTry(baseDocument(none)))).toBe(false);
    expect(toTry(policy().document)).toEqual(policy().document);
  });
});

describe('a conflict keeps the operator’s numbers (412)', () => {
  it('what was typed stays, and what the other person set to the same number is no change any more', () => {
    const draft = changed(changed(UNCHANGED, confidence, 0.8), risk, 0.5);
    const theirs = policy({ version: 4, settings: [{ ...confidence, value: 0.8 }, { ...risk, value: 0.55 }, minutes] });
    expect([...rebased(draft, theirs).changes]).toEqual([[risk.path, 0.5]]);
  });
});

describe('X-16: what saving does is said before it is pressed', () => {
  const high = { effective: { risk_tier: 'high' } };
  it('nothing, while nothing is changed', () => expect(verdictOf(policy(), UNCHANGED, null).status).toBe('nothing'));
  it('within the bounds of governance it is active at once', () => {
    expect(verdictOf(policy(), changed(UNCHANGED, confidence, 0.8), null)).toMatchObject({
      status: 'active',
      sentence: 'Active now, as soon as you save.',
    });
  });
  it('outside of them it waits, and says of which', () => {
    expect(verdictOf(policy(), changed(UNCHANGED, confidence, 0.7), null)).toMatchObject({
      status: 'proposed',
      sentence:
        'Waits for governance, because 70\u00A0% is outside of the 75\u00A0% to 95\u00A0% that governance approved.',
    });
  });
  it('names who signs it off, where that can be one person only, and else the role', () => {
    const person = (id: string, ...roles: string[]) => ({ id, name: id.toUpperCase(), roles });
    const [mara, lena, uwe] = [person('mara', 'governance'), person('lena', 'governance'), person('uwe', 'operator')];
    expect(signerAmong([mara, lena, uwe], 'mara')).toBe('LENA');
    expect(signerAmong([mara, lena, uwe], 'uwe')).toBeNull();
    expect(signerAmong([mara, uwe], 'mara')).toBeNull();
    expect(verdictOf(policy(), changed(UNCHANGED, minutes, 300), null, 'Lena')).toMatchObject({
      brief: 'Waits for Lena.',
      sentence: expect.stringMatching(/^Waits for Lena \(governance\), because /) as string,
    });
  });
  it('over rules that cannot be read it waits, whatever the companion found: they hold what was approved', () => {
    const found = report(0, { verdict: { status: 'active', reasons: [] } });
    const draft = changed(UNCHANGED, confidence, 0.8);
    expect(verdictOf(policy({ readable: false }), draft, found)).toMatchObject({
      status: 'proposed',
      sentence: 'Waits for governance, because what this changes is not known: the present rules cannot be read.',
    });
  });
  it('where governance approved nothing beforehand, it waits', () => {
    expect(verdictOf(policy(), changed(UNCHANGED, minutes, 300), null).status).toBe('proposed');
  });
  it('a looser number of a high-risk workflow waits even inside of them; a stricter one does not', () => {
    expect(verdictOf(policy(high), changed(UNCHANGED, confidence, 0.8), null)).toMatchObject({
      status: 'proposed',
      sentence: 'Waits for governance, because it loosens a high-risk workflow.',
    });
    expect(verdictOf(policy(high), changed(UNCHANGED, confidence, 0.9), null).status).toBe('active');
    expect(verdictOf(policy(high), changed(UNCHANGED, risk, 0.5), null).status).toBe('active');
  });
  it('what would have let refused cases through waits', () => {
    const draft = changed(UNCHANGED, confidence, 0.8);
    expect(verdictOf(policy(), draft, report(2, { wrongly_approved_before: 1 }))).toMatchObject({
      status: 'proposed',
      sentence: 'Waits for governance, because 1 more case would have gone through that a person found wrong.',
    });
    expect(verdictOf(policy(), draft, report(1, { wrongly_approved_before: 1 })).status).toBe('active');
  });
  it('a text in which more than numbers differ is left for the companion to weigh; one with other numbers is not', () => {
    const one = policy({ settings: [confidence] });
    const opened = withPath(one.document, confidence.path, 0.8);
    expect(verdictOf(one, { changes: new Map(), opened }, null).status).toBe('active');
    expect(verdictOf(one, { changes: new Map(), opened: { ...opened, rules: [] } }, null).status).toBe('open');
  });
  it('the companion’s own verdict goes before all of this', () => {
    const told = { verdict: { status: 'proposed' as const, reasons: ['It removes a rule.'] } };
    expect(verdictOf(policy(), changed(UNCHANGED, confidence, 0.8), report(0, told)).sentence).toBe(
      'Waits for governance, because it removes a rule.',
    );
  });
  it.each([
    ['thresholds.review_below_confidence', 0.85, 0.8, true],
    ['thresholds.review_below_confidence', 0.85, 0.9, false],
    ['confidence_gate', 0.78, 0.7, true],
    ['thresholds.review_above_risk', 0.6, 0.7, true],
    ['thresholds.synchronous_from_risk', 0.9, 0.8, false],
    ['sampling.rate', 0.05, 0.02, true],
    ['score_bands.block_above', 0.95, 0.99, true],
    ['sla.complete_minutes', 240, 480, true],
    ['sampling.due_business_days', 1, 2, true],
    ['high_risk_variant', 'escalate', 'synchronous', true],
    ['high_risk_variant', 'synchronous', 'escalate', false],
  ])('%s from %s to %s watches less: %s', (path, before, after, less) => {
    expect(loosens({ path, kind: 'share' }, before, after)).toBe(less);
  });
});

describe('numbers as a person says and types them', () => {
  it.each([
    [confidence, 0.85, '85\u00A0%'],
    [minutes, 240, '4 h'],
    [minutes, 90, '1 h 30 min'],
    [{ ...minutes, kind: 'count', unit: 'characters' } as Setting, 20_000, '20,000 characters'],
    [{ ...minutes, kind: 'choice' } as Setting, true, 'yes'],
    [confidence, null, 'not set'],
  ])('%#', (setting, value, words) => expect(valueWords(setting, value)).toBe(words));
  it.each([
    [0, '0 min'],
    [1440, '1 d'],
    [1501, '1 d 1 h 1 min'],
  ])('%d minutes are %s', (value, words) => expect(minutesWords(value)).toBe(words));
  it('0.29 is shown as 29, and 29 is read as 0.29', () => {
    expect(toField(confidence, 0.29)).toBe(29);
    expect(readField(confidence, '29')).toEqual({ value: 0.29 });
  });
  it.each(['85', ' 85 % ', '85.0', '85,0'])('%j is read as 0.85', (text) =>
    expect(readField(confidence, text)).toEqual({ value: 0.85 }),
  );
  it.each(['', 'abc', '-1', '101', '1e2', '0x10', 'NaN'])('%j is refused, with the range that is meant', (text) =>
    expect(readField(confidence, text)).toEqual({ fault: 'Type a number from 0 to 100.' }),
  );
  it('half a minute is refused', () => expect(readField(minutes, '7.5')).toEqual({ fault: 'Type a whole number.' }));
  it('a unit that the sentence has is not said twice, and one that it lacks is said once', () => {
    expect(sentenceParts(confidence)).toEqual({
      before: 'Ask a person when the model is less than ',
      after: ' % sure.',
    });
    expect(sentenceParts(minutes).after).toBe(' minutes.');
    expect(sentenceParts(minutes, 1).after).toBe(' minute.');
    expect(sentenceParts(confidence, 1).after).toBe(' % sure.');
  });
  it('a risk is said and typed from 0 to 1', () => {
    const plain = { ...risk, unit: '' };
    expect(valueWords(plain, 0.6)).toBe('0.6');
    expect(readField(plain, '0.57')).toEqual({ value: 0.57 });
    expect(readField(plain, '57')).toEqual({ fault: 'Type a number from 0 to 1.' });
  });
  it.each([
    [confidence, { min: 0, max: 1 }],
    [
      { ...minutes, min: 1, max: 525_600, bounds: { min: 30, max: 480 } },
      { min: 5, max: 800 },
    ],
    [
      { ...minutes, min: 1, max: 525_600, value: 15, default: 15 },
      { min: 5, max: 30 },
    ],
    [
      { ...minutes, min: 1, max: 60, step: 1, value: 1, default: 1 },
      { min: 1, max: 2 },
    ],
    [
      { ...minutes, min: 5, max: 300, value: 240, default: 240 },
      { min: 5, max: 300 },
    ],
  ])('%#: a slider reaches as far as makes sense, and lands on round numbers', (setting, range) =>
    expect(slideRange(setting as Setting)).toEqual(range),
  );
  it('each setting stands in a group that its name tells', () => {
    expect([confidence, risk, minutes].map(groupOf)).toEqual(['confidence', 'risk', 'times']);
    expect(groupOf({ ...confidence, path: 'sampling.near_threshold.rate' })).toBe('sampling');
    expect(groupOf({ ...confidence, path: 'reversible', kind: 'choice' })).toBe('choices');
  });
});

describe('differences as sentences', () => {
  const said = (path: string, before: never, after: never): string =>
    differenceWords({ path, label: 'L', before, after, loosens: false }, [confidence, minutes]).text;
  const LARGE = {
    id: 'large-refund',
    stage: 'forced_review',
    words: 'The refund is above 200.',
    lane: null,
    queue: 'specialist_review',
  };
  it.each([
    ['thresholds.review_below_confidence', 0.85, 0.8, '85\u00A0% → 80\u00A0%'],
    ['sla.complete_minutes', 240, 1440, '4 h → 1 d'],
    ['sampling.raised.drift', 0.2, 0.1, '20\u00A0% → 10\u00A0%'],
    ['limits.prompt_characters', 20000, 5000, '20,000 → 5,000'],
    ['flags.human_review', ['pii'], ['pii', 'pricing'], 'added prices'],
    ['prohibited_terms', ['sure thing', 'x'], ['x'], 'removed sure thing'],
    ['title', 'A', null, '“A” → nothing'],
    ['rules', [], [{ id: 'big', words: 'Big ones ask.' }], 'added “Big ones ask.”'],
    ['rules.large-refund', null, LARGE, 'new: The refund is above 200. → a specialist decides'],
    ['rules.large-refund', { ...LARGE, queue: null }, null, 'gone: The refund is above 200. → a person decides'],
    ['rules.x', null, { ...LARGE, stage: 'hard_block' }, 'new: The refund is above 200. → rejected by rule'],
    [
      'queues.human_review',
      { title: 'Review', skills: [], stricter: false },
      { title: 'Support', skills: ['policy'], stricter: false },
      'title: “Review” → “Support”; skills: nothing → “policy”',
    ],
    ['owner', null, { name: 'Support lead', contact: null }, 'new: Support lead'],
    [
      'gates.facts',
      null,
      { title: 'Facts', items: [{ criterion: 'Each is cited' }, { criterion: 'None is old' }] },
      'new: Facts: Each is cited; None is old',
    ],
  ])('%s', (path, before, after, words) => expect(said(path, before as never, after as never)).toBe(words));
});

describe('errors say what was kept and what to do', () => {
  const problem = (code: string, more = {}) => ({ code, status: 409, detail: 'Detail.', ...more });
  it.each(['credential_missing', 'role_missing', 'fresh_review_missing', 'version_stale', 'something_else'])(
    '%s',
    (code) => {
      const text = refusalWords(problem(code)).join(' ');
      expect(text).toMatch(/kept|stays paused/);
      expect(text).not.toMatch(/null|undefined|payload|execution/);
    },
  );
  it('names everything that is wrong with the rules, each with its place', () => {
    const problems = [{ pointer: '/thresholds/review_below_confidence', sentence: 'Too low.' }];
    expect(faultsOf(problem('policy_unusable', { problems }))).toEqual([
      { path: confidence.path, sentence: 'Too low.' },
    ]);
    expect(refusalWords(problem('policy_unusable', { problems }))).toContain('Too low.');
    expect(faultsOf(problem('invalid_field', { field: 'document.owner' }))).toEqual([
      { path: 'owner', sentence: 'Detail.' },
    ]);
  });
});

it('R-GOV-16: a version says who let it hold, and how', () => {
  const jonas = { id: 'rv_j', name: 'Jonas' };
  expect(approverWords({ ...jonas, how: 'proposal' })).toBe('signed off by Jonas');
  expect(approverWords({ ...jonas, how: 'within_bounds' })).toBe('within what Jonas approved');
  expect(approverWords({ id: 'handoff', name: 'Handoff', how: 'shipped_bounds' })).toBe(
    'within the bounds that come with Handoff',
  );
});

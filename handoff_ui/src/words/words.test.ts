import { describe, expect, it } from 'vitest';
import { bandOf, calibrationNote, confidenceWord, percentWords } from './confidence';
import { flagWords } from './flags';
import { bytesWords } from './item';
import { distanceWords, parseTime, spanWords, timeWords, urgencyOf } from './time';

const MIN = 60_000;
const HOUR = 60 * MIN;
const DAY = 24 * HOUR;

describe('a deadline is a time and a distance', () => {
  it.each([
    [0, '0 s'],
    [40_000, '40 s'],
    [MIN, '1 min'],
    [59 * MIN + 59_000, '59 min'],
    [HOUR, '1 h'],
    [2 * HOUR + 10 * MIN, '2 h 10 min'],
    [DAY - 1, '23 h 59 min'],
    [DAY, '1 d'],
    [3 * DAY + 4 * HOUR + 59 * MIN, '3 d 4 h'],
    [-5, '0 s'],
  ])('%d ms → %s, never more than there is', (span, words) => expect(spanWords(span)).toBe(words));
  it('says which way', () => {
    expect(distanceWords(2 * HOUR, 0)).toBe('in 2 h');
    expect(distanceWords(0, 12 * MIN)).toBe('12 min ago');
  });
  it('names the day only where it is another, the year only where it is another', () => {
    const now = new Date(2026, 10, 21, 12, 0).getTime();
    expect(timeWords(new Date(2026, 10, 21, 14, 30).getTime(), now)).toBe('14:30');
    expect(timeWords(new Date(2026, 10, 24, 9, 5).getTime(), now)).toMatch(/^Tue,? 24 Nov,? 09:05$/);
    expect(timeWords(new Date(2025, 10, 24, 0, 5).getTime(), now)).toMatch(/^24 Nov 2025,? 00:05$/);
  });
  it.each([
    [-1, 'over'],
    [0, 'over'],
    [14 * MIN, 'urgent'],
    [15 * MIN, 'soon'],
    [59 * MIN, 'soon'],
    [HOUR, 'calm'],
  ])('%d ms left is %s', (left, urgency) => expect(urgencyOf(left, 0)).toBe(urgency));
  it.each(['', 'yesterday', '12', null, undefined, '2026-13-45'])('%j is no time', (text) =>
    expect(parseTime(text)).toBeNull(),
  );
});

describe('confidence in words (R-UI-07, R-UI-29)', () => {
  it.each([
    [0.61, '61\u00A0%'],
    [0.779, '77.9\u00A0%'],
    [0.7799, '77.99\u00A0%'],
    [1, '100\u00A0%'],
    [0.1, '10\u00A0%'],
    [0, '0\u00A0%'],
    [0.29, '29\u00A0%'],
  ])('%d → %s', (share, words) => expect(percentWords(share)).toBe(words));
  it('gives low and high numbers different words', () => {
    expect([0.1, 0.5, 0.7, 0.9, 0.99].map(confidenceWord)).toEqual([
      'Very low',
      'Low',
      'Moderate',
      'High',
      'Very high',
    ]);
  });
  it('calls only a calibrated number calibrated', () => {
    expect(calibrationNote('calibrated').label).toBe('Calibrated');
    for (const kind of ['probability', 'self_reported', 'heuristic', null] as const)
      expect(calibrationNote(kind).label).toBe('Not calibrated');
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

it.each([
  [193, '193 bytes'],
  [2_400, '2 kB'],
  [1_048_576, '1.0 MB'],
])('%d → %s', (bytes, words) => expect(bytesWords(bytes)).toBe(words));

describe('a flag says what it found, in the same words wherever it stands', () => {
  it.each([
    ['pii', 'personal data'],
    ['access_change', 'changes access'],
    ['prompt_injection', 'gives orders to the model'],
    ['vendor_unknown', 'vendor unknown'],
  ])('%s: %s', (flag, words) => expect(flagWords(flag)).toBe(words));
});

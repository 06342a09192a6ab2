import { beforeEach, describe, expect, it } from 'vitest';
import { eraseDraft, keepDraft, sweepDraft, takeDraft, type DraftOf } from './kept-draft';

const MARA: DraftOf = { reviewerId: 'rv_mara', caseId: 'ho_1', content: 'sha256:a' };
const TYPED: [string, unknown][] = [['edit', { model_output: 'Better.' }]];
const NOW = 1_800_000_000_000;
const MIN = 60_000;

/** As much of a tab's storage as is used. */
class Tab {
  readonly items = new Map<string, string>();
  room = 1_000;
  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    if (value.length > this.room) throw new DOMException('No room.', 'QuotaExceededError');
    this.items.set(key, value);
  }
  removeItem(key: string): void {
    this.items.delete(key);
  }
}

let tab: Tab & Storage;
beforeEach(() => {
  tab = new Tab() as Tab & Storage;
});

describe('a draft over a sign-in', () => {
  it('comes back to the same person, case and content, and only once', () => {
    keepDraft(tab, MARA, TYPED, NOW);
    expect(takeDraft(tab, MARA, NOW + 14 * MIN)).toEqual(TYPED);
    expect(takeDraft(tab, MARA, NOW + 14 * MIN)).toEqual([]);
    expect(tab.items.size).toBe(0);
  });

  it.each([
    ['somebody else', { ...MARA, reviewerId: 'rv_jonas' }, NOW],
    ['another case', { ...MARA, caseId: 'ho_2' }, NOW],
    ['another content', { ...MARA, content: 'sha256:b' }, NOW],
    ['after 15 minutes', MARA, NOW + 15 * MIN],
    ['before it was written', MARA, NOW - 1],
  ])('does not come back: %s; it is erased', (_, of, now) => {
    keepDraft(tab, MARA, TYPED, NOW);
    expect(takeDraft(tab, of, now)).toEqual([]);
    expect(tab.items.size).toBe(0);
  });

  it('is erased when another person signs in, when it is too old, and when somebody signs out', () => {
    keepDraft(tab, MARA, TYPED, NOW);
    sweepDraft(tab, MARA.reviewerId, NOW + MIN);
    expect(tab.items.size).toBe(1);
    sweepDraft(tab, 'rv_jonas', NOW + MIN);
    expect(tab.items.size).toBe(0);
    keepDraft(tab, MARA, TYPED, NOW);
    sweepDraft(tab, MARA.reviewerId, NOW + 15 * MIN);
    expect(tab.items.size).toBe(0);
    keepDraft(tab, MARA, TYPED, NOW);
    eraseDraft(tab);
    expect(tab.items.size).toBe(0);
  });

  it('is lost as a whole where the browser has no room for it: never an older one in its place', () => {
    keepDraft(tab, MARA, TYPED, NOW);
    tab.room = 10;
    keepDraft(tab, MARA, [['edit', 'x'.repeat(100)]], NOW);
    expect(takeDraft(tab, MARA, NOW)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { Pause } from '../api/policy-types';
import { concerns, pausedWords } from './pause';

const pause = (more: Partial<Pause>): Pause => ({
  id: 'pa_1',
  workflow_id: null,
  model_version: null,
  all: false,
  reason: 'r',
  started_by: null,
  started_at: '2026-11-21T08:00:00Z',
  review: null,
  ended_at: null,
  ...more,
});

describe('R-CONT-06: a pause says its scope, and shows where it holds', () => {
  it.each([
    [{ all: true }, 'Everything'],
    [{ workflow_id: 'summarize-email' }, '“Summarize email”'],
    [{ model_version: '3' }, 'Model version 3'],
    [{ workflow_id: 'summarize-email', model_version: '3' }, 'Model version 3 in “Summarize email”'],
  ])('%j is %s', (more, words) => expect(pausedWords(pause(more))).toBe(words));
  it('pausing one workflow leaves another alone', () => {
    expect(concerns(pause({ workflow_id: 'a' }), 'a')).toBe(true);
    expect(concerns(pause({ workflow_id: 'a' }), 'b')).toBe(false);
    expect(concerns(pause({ all: true }), 'b')).toBe(true);
    expect(concerns(pause({ model_version: '3' }), 'b')).toBe(true);
  });
});

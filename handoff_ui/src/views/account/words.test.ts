import { describe, expect, it } from 'vitest';
import type { Account } from '../../api/identity-types';
import { deviceWords, levelWords, qualificationWords, roleWords, scopeWords, wayWords } from './words';

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');
const reviewer = (skills: string[], qualifications: Record<string, string | null>): Account['reviewer'] =>
  ({ skills, qualifications }) as unknown as Account['reviewer'];

describe('what one may do, in words', () => {
  it('R-ROLE-15: says until when a qualification counts, and that one which ended does not', () => {
    const found = qualificationWords(
      reviewer(['security_trained'], {
        first_aid: '2026-11-20T00:00:00Z',
        security_trained: null,
        privacy: '2027-03-01T00:00:00Z',
      }),
      NOW_MS,
    );
    expect(found).toEqual([
      'Security trained',
      'Privacy, until 1 Mar 2027',
      'First aid: ended on 20 Nov 2026, so it does not count any more',
    ]);
    expect(qualificationWords(reviewer([], {}), NOW_MS)).toEqual([]);
  });

  it('R-ROLE-01: names every role and what it does', () => {
    const roles = 'approver owner triager verifier auditor on_call governance compliance operator sre'.split(' ');
    for (const role of roles) expect(roleWords(role).does).not.toBe('');
    expect(roleWords('on_call').name).toBe('On call');
    expect(roleWords('something_new')).toEqual({ name: 'Something new', does: '' });
  });

  it('tells all from none', () => {
    expect(scopeWords(null, 'All queues')).toBe('All queues');
    expect(scopeWords([], 'All queues')).toBe('None');
    expect(scopeWords(['security_reviews'], 'All queues')).toBe('Security reviews');
    expect(levelWords(null)).toBe('All levels');
    expect(levelWords([1, 4])).toBe('Level 1, On call');
    expect(wayWords('oidc')).toBe('your organisation’s sign-in');
  });
});

describe('a device', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36', 'Chrome on Linux'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1', 'Safari on iPhone'],
    ['Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0', 'Edge on Windows'],
    ['Mozilla/5.0 (Linux; Android 16) Chrome/140.0 Mobile Safari/537.36', 'Chrome on Android'],
    ['curl/8', 'Browser'],
  ])('%s is %s', (agent, words) => {
    expect(deviceWords(agent)).toBe(words);
  });
});

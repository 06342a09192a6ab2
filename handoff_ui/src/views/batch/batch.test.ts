import { describe, expect, it } from 'vitest';
import type { Batch } from '../../api/desk-types';
import type { Verified } from '../../trust/token';
import { membersOf, whyNotDecide, type BatchItem, type Content } from './choices';

const item = (id: string, more: Partial<BatchItem> = {}): BatchItem =>
  ({ id, state: 'claimed', package_digest: `sha256:${id}`, result: null, ...more }) as BatchItem;
const checked = (id: string, output: string = 'Good news.', large: string[] = []): Verified =>
  ({
    packageDigest: `sha256:${id}`,
    package: { request: 'Hello.', model_output: output, metadata: {}, large_values: large.map((path) => ({ path })) },
  }) as unknown as Verified;
const batch = (items: BatchItem[], outliers: Batch['outliers'] = []): Batch =>
  ({ items, outliers, left_out: [] }) as unknown as Batch;
const all = (...ids: string[]): Map<string, Content> => new Map(ids.map((id) => [id, checked(id)]));

describe('R-UI-16: cases decided together', () => {
  const taken = batch([item('a'), item('b'), item('c')], [{ id: 'c', why: ['It commits money.'] }]);

  it('one that is not like the rest stands apart and is included by hand only', () => {
    const [a, , c] = membersOf(taken, all('a', 'b', 'c'), new Map());
    expect([a?.included, c?.included, c?.apart]).toEqual([true, null, ['It commits money.']]);
    expect(whyNotDecide(membersOf(taken, all('a', 'b', 'c'), new Map()))).toContain('stands apart');
    for (const included of [true, false])
      expect(whyNotDecide(membersOf(taken, all('a', 'b', 'c'), new Map([['c', included]])))).toBeNull();
  });
  it('H3: hidden text in an output sets the case apart, whatever the companion found', () => {
    const contents = all('a', 'b', 'c').set('b', checked('b', 'pay\u200bment'));
    expect(membersOf(taken, contents, new Map())[1]).toMatchObject({ included: null, unfit: null });
  });
  it.each([
    ['what came in', { request: { body: ['pay\u200bment'] } }],
    ['a name in what came in', { request: { 'am\u00adount': 1 } }],
    ['a form', { metadata: { response_form: { properties: { note: { default: 'pay\u200bment' } } } } }],
  ])('H3: so does hidden text in %s', (_, parts) => {
    const hides = checked('b') as unknown as { package: object };
    const contents = all('a', 'b', 'c').set('b', { ...hides, package: { ...hides.package, ...parts } } as never);
    const [, b] = membersOf(taken, contents, new Map([['c', false]]));
    expect(b?.included).toBeNull();
    expect(b?.apart).toEqual(['It has hidden or disguised text, marked in place.']);
  });
  it('nothing is decided that was not shown', () => {
    const leftOut = new Map([['c', false]]);
    const waiting = new Map([['a', checked('a')]]);
    expect(whyNotDecide(membersOf(taken, waiting, leftOut))).toContain('being checked');
    const cases: [Content, string][] = [
      [{ why: 'unverified', code: 'token_signature' }, 'failed its check'],
      [{ why: 'lost' }, 'cannot be had'],
      [checked('other'), 'changed while you were reading'],
      [checked('b', 'short', ['/model_output/body']), 'too long'],
    ];
    for (const [content, words] of cases) {
      const contents = all('a').set('b', content);
      const member = membersOf(taken, contents, new Map([['b', true]]))[1];
      expect([member?.included, member?.unfit]).toEqual([false, expect.stringContaining(words)]);
    }
  });
  it('a case that somebody closed meanwhile is out', () => {
    const [a] = membersOf(batch([item('a', { state: 'withdrawn' })]), all('a'), new Map());
    expect(a).toMatchObject({ included: false, unfit: 'It was closed meanwhile.' });
  });
  it('with no case included there is nothing to decide', () => {
    const [a] = [new Map([['a', false]])];
    expect(whyNotDecide(membersOf(batch([item('a')]), all('a'), a))).toBe('No case is included.');
  });
});

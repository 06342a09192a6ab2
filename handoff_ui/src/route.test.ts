import { describe, expect, it } from 'vitest';
import { inboxAddress, parseRoute, policyAddress } from './route';

const ID = 'ho_000000000000000000000000000a';

describe('the fragment says what is shown', () => {
  it.each(['', '#', '#/', '#/inbox'])('%j is the inbox', (fragment) =>
    expect(parseRoute(fragment)).toEqual({ view: 'inbox', state: 'open', workflowId: null }),
  );
  it('keeps filters in the address, so that a view can be shared', () => {
    const address = inboxAddress({ state: 'decided', workflowId: 'a&b' });
    expect(parseRoute(address)).toEqual({ view: 'inbox', state: 'decided', workflowId: 'a&b' });
  });
  it('reads a case, and the parts of a personal link only when all are there', () => {
    expect(parseRoute(`#/h/${ID}`)).toEqual({ view: 'case', id: ID, link: null });
    const link = { reviewerId: 'rv_1', generation: 2, mac: 'a-b_c' };
    expect(parseRoute(`#/h/${ID}?by=rv_1&gen=2&mac=a-b_c`)).toEqual({ view: 'case', id: ID, link });
    for (const query of ['by=rv_1&gen=2', 'by=rv_1&mac=x', 'by=rv_1&gen=-1&mac=x', 'by=rv_1&gen=2e3&mac=x']) {
      expect(parseRoute(`#/h/${ID}?${query}`)).toMatchObject({ link: null });
    }
  });
  it('J4: sends nothing to the companion that is no id', () => {
    for (const id of ['ho_1', '../../v1/x', `${ID}0`, 'ho_00%2e%2e', ID.toUpperCase()])
      expect(parseRoute(`#/h/${id}`).view).toBe('unknown');
    expect(parseRoute('#/g/../x').view).toBe('unknown');
  });
  it.each([
    ['#/policies', null, 'rules'],
    ['#/policies/', null, 'rules'],
    ['#/policies/summarize-email', 'summarize-email', 'rules'],
    ['#/policies/summarize-email/versions', 'summarize-email', 'versions'],
    [policyAddress('a/b ?#&'), 'a/b ?#&', 'rules'],
    [policyAddress('a/b', 'versions'), 'a/b', 'versions'],
  ])('%s shows the rules of a workflow, whatever its name', (fragment, workflowId, page) =>
    expect(parseRoute(fragment)).toEqual({ view: 'policies', workflowId, page }),
  );
  it.each(['#/policies/%E0%A4%A', '#/policies/a/else'])('%s is no view', (fragment) =>
    expect(parseRoute(fragment).view).toBe('unknown'),
  );
  it('reads an enrolment', () => {
    expect(parseRoute('#/enrol/he_abc')).toEqual({ view: 'enrol', token: 'he_abc' });
    expect(parseRoute('#/enrol')).toEqual({ view: 'enrol', token: null });
  });
});

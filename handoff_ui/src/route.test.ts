import { describe, expect, it } from 'vitest';
import { batchAddress, inboxAddress, parseRoute, policyAddress } from './route';

const ID = 'ho_000000000000000000000000000a';

describe('the fragment says what is shown', () => {
  it.each(['', '#', '#/', '#/inbox'])('%j is the inbox', (fragment) =>
    expect(parseRoute(fragment)).toEqual({ view: 'inbox', filters: {} }),
  );
  it('R-UI-21: keeps every filter in the address, so that a view can be shared', () => {
    const filters = {
      state: 'decided',
      mine: 'true',
      workflow_id: 'a&b',
      queue: 'legal',
      risk_tier: 'high',
      level: '2',
      issue: 'wrong address',
      q: 'order #4711?',
    };
    expect(parseRoute(inboxAddress(filters))).toEqual({ view: 'inbox', filters });
    expect(inboxAddress({ queue: 'legal', mine: 'true' })).toBe(inboxAddress({ mine: 'true', queue: 'legal' }));
  });
  it('drops a filter that means nothing, and shows the inbox all the same', () => {
    const query = 'state=open&mine=1&risk_tier=urgent&level=9&q=%20&queue=&issue=x&else=1';
    expect(parseRoute(`#/inbox?${query}`)).toEqual({ view: 'inbox', filters: { issue: 'x' } });
  });
  it('reads a batch, and the case that others are to be like', () => {
    expect(parseRoute(batchAddress(ID))).toEqual({ view: 'batch', id: null, like: ID });
    expect(parseRoute('#/batch/ba_0a')).toEqual({ view: 'batch', id: 'ba_0a', like: null });
    for (const fragment of ['#/batch', '#/batch?like=ho_1', '#/batch/../x', '#/batch/ho_1'])
      expect(parseRoute(fragment).view).toBe('unknown');
  });
  it('reads the account, the sign-in and the way back to a page elsewhere', () => {
    expect(parseRoute('#/account')).toEqual({ view: 'account', page: null });
    expect(parseRoute('#/account/passkeys')).toEqual({ view: 'account', page: 'passkeys' });
    expect(parseRoute('#/sign-in?error=refused')).toEqual({ view: 'sign_in', error: 'refused' });
    expect(parseRoute('#/to-page?challenge=c&state=s')).toEqual({ view: 'trip', query: 'challenge=c&state=s' });
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

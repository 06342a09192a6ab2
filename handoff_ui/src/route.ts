/** What the fragment of the address asks for. The fragment never reaches a server, a log or a Referer (row L6). */

export type InboxState = 'open' | 'decided';

export type PolicyPage = 'rules' | 'versions';

export interface PersonalLink {
  reviewerId: string;
  generation: number;
  mac: string;
}

export type Route =
  | { view: 'inbox'; state: InboxState; workflowId: string | null }
  | { view: 'group'; groupId: string }
  | { view: 'case'; id: string; link: PersonalLink | null }
  | { view: 'policies'; workflowId: string | null; page: PolicyPage }
  | { view: 'enrol'; token: string | null }
  | { view: 'unknown' };

export function parseRoute(fragment: string): Route {
  const [path = '', query = ''] = fragment.replace(/^#/, '').split('?', 2);
  const asked = new URLSearchParams(query);
  const [, name = '', id = '', more = ''] = path.split('/');
  if (name === '' || name === 'inbox') {
    const state = asked.get('state') === 'decided' ? 'decided' : 'open';
    return { view: 'inbox', state, workflowId: asked.get('workflow_id') };
  }
  if (name === 'h' && /^ho_[0-9a-z]{28}$/.test(id)) return { view: 'case', id, link: personalLink(asked) };
  if (name === 'g' && /^gr_[0-9a-z]{28}$/.test(id)) return { view: 'group', groupId: id };
  if (name === 'enrol') return { view: 'enrol', token: id.startsWith('he_') ? id : null };
  if (name === 'policies' && (more === '' || more === 'versions')) {
    const workflowId = decoded(id);
    if (workflowId !== null) {
      return { view: 'policies', workflowId: workflowId || null, page: more === '' ? 'rules' : 'versions' };
    }
  }
  return { view: 'unknown' };
}

/** A part of the path as it was before it was escaped; null when it cannot have been. */
function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

function personalLink(asked: URLSearchParams): PersonalLink | null {
  const [reviewerId, generation, mac] = [asked.get('by'), asked.get('gen'), asked.get('mac')];
  if (reviewerId === null || mac === null || generation === null || !/^\d{1,9}$/.test(generation)) return null;
  return { reviewerId, generation: Number(generation), mac };
}

export function caseAddress(id: string): string {
  return `#/h/${id}`;
}

export function groupAddress(groupId: string): string {
  return `#/g/${groupId}`;
}

export function inboxAddress(filters: { state?: InboxState; workflowId?: string | null } = {}): string {
  const query = new URLSearchParams();
  if (filters.state === 'decided') query.set('state', 'decided');
  if (filters.workflowId) query.set('workflow_id', filters.workflowId);
  const text = query.toString();
  return text === '' ? '#/inbox' : `#/inbox?${text}`;
}

export function policyAddress(workflowId: string | null = null, page: PolicyPage = 'rules'): string {
  if (workflowId === null) return '#/policies';
  return `#/policies/${encodeURIComponent(workflowId)}${page === 'versions' ? '/versions' : ''}`;
}

/** Takes a link's secret out of the address bar and the history before anything else happens. */
export function hideSecret(shown: string): void {
  history.replaceState(null, '', shown);
}

/** What the fragment of the address asks for. The fragment never reaches a server, a log or a Referer (row L6). */

/** What the inbox shows, under the names that the companion's list has; what is left out is not asked for. */
export type Filters = Partial<Record<FilterName, string>>;

export type FilterName = keyof typeof FILTERS;

/** Filter → whether a value can be meant. */
const FILTERS = {
  state: (value: string) => value === 'decided',
  mine: (value: string) => value === 'true',
  workflow_id: isSaid,
  queue: isSaid,
  risk_tier: (value: string) => ['low', 'medium', 'high', 'critical'].includes(value),
  level: (value: string) => /^[1-4]$/.test(value),
  issue: isSaid,
  q: isSaid,
};

export type PolicyPage = 'rules' | 'versions';

export interface PersonalLink {
  reviewerId: string;
  generation: number;
  mac: string;
}

export type Route =
  | { view: 'inbox'; filters: Filters }
  | { view: 'group'; groupId: string }
  | { view: 'case'; id: string; link: PersonalLink | null }
  /** A batch that was taken, or the case that others are to be alike. */
  | { view: 'batch'; id: string | null; like: string | null }
  | { view: 'policies'; workflowId: string | null; page: PolicyPage }
  | { view: 'account'; page: string | null }
  | { view: 'sign_in'; error: string | null }
  | { view: 'trip'; query: string }
  | { view: 'enrol'; token: string | null }
  | { view: 'unknown' };

const CASE = /^ho_[0-9a-z]{28}$/;

export function parseRoute(fragment: string): Route {
  const [path = '', query = ''] = fragment.replace(/^#/, '').split('?', 2);
  const asked = new URLSearchParams(query);
  const [, name = '', id = '', more = ''] = path.split('/');
  switch (name) {
    case '':
    case 'inbox':
      return { view: 'inbox', filters: filtersOf(asked) };
    case 'account':
      return { view: 'account', page: id || null };
    case 'sign-in':
      return { view: 'sign_in', error: asked.get('error') };
    case 'to-page':
      return { view: 'trip', query };
    case 'enrol':
      return { view: 'enrol', token: id.startsWith('he_') ? id : null };
    case 'batch': {
      const like = asked.get('like');
      if (/^ba_[0-9a-z]+$/.test(id)) return { view: 'batch', id, like: null };
      if (id === '' && like !== null && CASE.test(like)) return { view: 'batch', id: null, like };
      break;
    }
    case 'policies': {
      const workflowId = more === '' || more === 'versions' ? decoded(id) : null;
      if (workflowId !== null) {
        return { view: 'policies', workflowId: workflowId || null, page: more === '' ? 'rules' : 'versions' };
      }
      break;
    }
  }
  if (name === 'h' && CASE.test(id)) return { view: 'case', id, link: personalLink(asked) };
  if (name === 'g' && /^gr_[0-9a-z]{28}$/.test(id)) return { view: 'group', groupId: id };
  return { view: 'unknown' };
}

function isSaid(value: string): boolean {
  return value.trim() !== '' && value.length <= 100;
}

/** The filters of an address. One that means nothing is dropped, so that a mistyped address still shows the inbox. */
function filtersOf(asked: URLSearchParams): Filters {
  return Object.fromEntries(
    Object.entries(FILTERS).flatMap(([name, isMeant]) => {
      const value = asked.get(name);
      return value !== null && isMeant(value) ? [[name, value]] : [];
    }),
  );
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

export const ACCOUNT = '#/account';

export function caseAddress(id: string): string {
  return `#/h/${id}`;
}

export function groupAddress(groupId: string): string {
  return `#/g/${groupId}`;
}

/** Where cases like this one are decided together; nothing is taken before the person says so there. */
export function batchAddress(like: string): string {
  return `#/batch?like=${like}`;
}

export function inboxAddress(filters: Filters = {}): string {
  const text = filterQuery(filters);
  return text === '' ? '#/inbox' : `#/inbox?${text}`;
}

/** Filters as a query, in one order, so that the same view has the same address. */
export function filterQuery(filters: Filters): string {
  const query = new URLSearchParams();
  for (const name of Object.keys(FILTERS) as FilterName[]) {
    const value = filters[name];
    if (value) query.set(name, value);
  }
  return query.toString();
}

export function policyAddress(workflowId: string | null = null, page: PolicyPage = 'rules'): string {
  if (workflowId === null) return '#/policies';
  return `#/policies/${encodeURIComponent(workflowId)}${page === 'versions' ? '/versions' : ''}`;
}

/** Takes a link's secret out of the address bar and the history before anything else happens. */
export function hideSecret(shown: string): void {
  history.replaceState(null, '', shown);
}

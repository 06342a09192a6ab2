/** Cases, gates and items as the companion answers them; a test names what is different in its own. */
import type { Gate, Live } from '../src/api/types';

export const ME = 'rv_me';

/** A case that waits, and of which nothing more is known. */
export const live = (changes: Partial<Live> = {}): Live => ({
  id: 'ho_1',
  group_id: 'gr_1',
  group: { size: 1, index: 0 },
  workflow_id: 'w',
  task_id: null,
  title: 't',
  question: 'q?',
  state: 'pending',
  approved: null,
  version: 3,
  package_digest: 'sha256:p',
  risk_tier: 'medium',
  confidence: 0.6,
  reviewer_level: 1,
  created_at: '2026-11-21T08:00:00.000Z',
  expires_at: '2026-11-21T18:00:00.000Z',
  decided_at: null,
  decided_by: null,
  decision: null,
  claim: null,
  delivery: null,
  actions: [],
  reason_codes: [],
  assurance: { have: 'signed_in', need: 'signed_in' },
  confirm_word: null,
  notes: [],
  history: [],
  ...changes,
});

/** What a decision of `id` changes in it. */
export const decidedBy = (id: string, action: 'approve' | 'reject', rationale: string | null): Partial<Live> => ({
  state: action === 'approve' ? 'approved' : 'rejected',
  version: 4,
  decided_by: { id, name: 'N' },
  decision: { action, decision_action: null, reason_code: null, rationale, event_id: 'e', edited: false, cause: null },
});

/** Two reviewers disagreed; `second` said no. */
export const disagreed = (second: string): Partial<Live> => ({
  disagreements: [
    {
      at: 'x',
      first_by: { id: 'rv_first', name: 'F' },
      first_action: 'approve',
      second_by: { id: second, name: 'N' },
      second_action: 'reject',
    },
  ],
});

export const item = (id: string, more: object = {}) => ({
  id,
  title: id,
  criterion: 'c',
  check: 'pass_fail' as const,
  not_applicable: false,
  result: null,
  by: null,
  at: null,
  ...more,
});

export const gate = (id: string, more: Partial<Gate> = {}): Gate => ({
  id,
  title: id,
  review: 1,
  open: true,
  may_answer: true,
  items: [item('one'), item('two')],
  ...more,
});

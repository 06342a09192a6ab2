import { useCallback, useState } from 'preact/hooks';
import type { Policy } from '../../api/policy-types';
import { useWarned } from '../../hooks/use-kept';
import { isChanged, rebased, UNCHANGED, type Draft } from './draft';

const kept = new Map<string, Draft>();

/** What is changed and not saved outlives a look at the versions, at a case, or at other rules; a reload ends it. */
export function useKeptDraft(policy: Policy): [Draft, (next: (before: Draft) => Draft) => void] {
  const { workflow_id } = policy;
  useWarned(() => [...kept.values()].some(isChanged));
  const [draft, setDraft] = useState(() => rebased(kept.get(workflow_id) ?? UNCHANGED, policy));
  const change = useCallback(
    (next: (before: Draft) => Draft): void =>
      setDraft((before) => {
        const after = next(before);
        kept.set(workflow_id, after);
        return after;
      }),
    [workflow_id],
  );
  return [draft, change];
}

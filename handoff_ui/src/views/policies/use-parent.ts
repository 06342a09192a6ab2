import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import type { Policy } from '../../api/policy-types';
import { useApp } from '../../context';
import { baseDocument, type Draft } from './draft';
import { policyPath } from './use-policy';

/**
 * The policy with the numbers that a text inherits, where it begins from other rules than the saved ones do: what it
 * leaves out must not be shown as it is today.
 */
export function useParent(policy: Policy, draft: Draft): Policy {
  const { client } = useApp();
  const [parent, setParent] = useState<Policy | null>(null);
  const begins = draft.opened?.extends;
  const wanted = typeof begins === 'string' && begins !== baseDocument(policy).extends ? begins : null;
  useLayoutEffect(() => {
    if (wanted === null) return;
    let over = false;
    void client.send<Policy>(policyPath(wanted)).then((answer) => {
      // A workflow of that name with rules of its own hides the built-in ones.
      if (!over) setParent(answer.kind === 'ok' && answer.data.version === 0 ? answer.data : null);
    });
    return () => {
      over = true;
    };
  }, [client, wanted]);
  return useMemo(() => {
    if (wanted === null || parent?.workflow_id !== wanted) return policy;
    const saved = new Map(policy.settings.map((setting) => [setting.path, setting]));
    const settings = parent.settings.map((setting) => ({
      ...setting,
      default: setting.value,
      value: saved.get(setting.path)?.value ?? null,
      // Those of before the change are in force.
      bounds: saved.get(setting.path)?.bounds ?? null,
    }));
    return { ...policy, settings, effective: parent.effective };
  }, [policy, parent, wanted]);
}

import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Policy } from '../../api/policy-types';
import { Notice } from '../../parts/alarm';
import { Button } from '../../parts/button';
import { At } from '../../parts/deadline';
import { Seen } from '../../parts/quote';
import { policyAddress } from '../../route';
import { Differences } from './differences';
import { isChanged, rebased, type Draft } from './draft';
import { loosens } from './verdict';

/** Keeps the operator's numbers when somebody else saves, and says what changed meanwhile. */
export function useMeanwhile(
  policy: Policy,
  draft: Draft,
  setDraft: (next: (before: Draft) => Draft) => void,
): { notice: JSX.Element | null; dismiss: () => void } {
  const seen = useRef(policy);
  const dirty = useRef(false);
  const [was, setWas] = useState<Policy | null>(null);
  dirty.current = isChanged(draft);
  useLayoutEffect(() => {
    const before = seen.current;
    seen.current = policy;
    if (before.version === policy.version || !dirty.current) return;
    setWas((earlier) => earlier ?? before);
    setDraft((mine) => rebased(mine, policy));
  }, [policy, setDraft]);
  const dismiss = (): void => setWas(null);
  if (was === null) return { notice: null, dismiss };
  const before = new Map(was.settings.map(({ path, value }) => [path, value]));
  const diff = policy.settings.flatMap((setting) => {
    const [old, now] = [before.get(setting.path) ?? null, setting.value];
    const { path, label } = setting;
    return old === now ? [] : [{ path, label, before: old, after: now, loosens: loosens(setting, old, now) }];
  });
  return {
    dismiss,
    notice: (
      <Notice title={`${policy.saved_by?.name ?? 'Somebody'} saved version ${policy.version} meanwhile.`}>
        <p>
          {policy.saved_at !== null && (
            <>
              At <At at={policy.saved_at} />:{' '}
            </>
          )}
          {policy.reason && (
            <>
              “<Seen text={policy.reason} />”{' '}
            </>
          )}
          This changed:
        </p>
        <Differences diff={diff} settings={policy.settings} />
        <p>Your numbers are kept below, on top of that version. Save again if they still hold, or put them back.</p>
        <p class="proposal__buttons">
          <Button onPress={dismiss}>I have read it</Button>
          <a href={policyAddress(policy.workflow_id, 'versions')}>All that changed</a>
        </p>
      </Notice>
    ),
  };
}

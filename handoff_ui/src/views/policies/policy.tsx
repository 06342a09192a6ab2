import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Policy, Saved } from '../../api/policy-types';
import { useApp } from '../../context';
import { humanise } from '../../content/humanise';
import { focusOn } from '../../hooks/armed';
import { useKeptFocus } from '../../hooks/use-kept-focus';
import { Notice } from '../../parts/alarm';
import { At } from '../../parts/deadline';
import { Seen } from '../../parts/quote';
import { policyAddress, type PolicyPage } from '../../route';
import { RISK_WORDS } from '../../words/item';
import { concerns } from '../../words/pause';
import { BlockedView } from '../blocked';
import { Message } from '../message';
import { approverWords } from './approver-words';
import { Editor } from './editor';
import { PausedNow, PauseSomething } from './pausing';
import { usePolicy, type Opened } from './use-policy';
import { Unreadable } from './unreadable';
import { tierOf } from './verdict';
import { Versions } from './versions';

/** The rules of one workflow: to read, to try, to change; and every version of them. */
export function PolicyView({ workflowId, page }: { workflowId: string; page: PolicyPage }): JSX.Element {
  const opened = usePolicy(workflowId);
  const { policy, trouble } = opened;
  if (policy === null) {
    if (trouble === 'not_found' || trouble === 'no_access') return <NoRules />;
    if (trouble !== null) return <BlockedView why={{ why: trouble }} />;
    return (
      <p class="loading" role="status">
        Looking what the rules are…
      </p>
    );
  }
  return <OpenPolicy policy={policy} opened={opened} page={page} />;
}

const TROUBLE_WORDS: Partial<Record<NonNullable<Opened['trouble']>, string>> = {
  offline: 'You are offline.',
  signed_out: 'Your session ended. Sign in again in another tab with your enrolment link.',
  no_access: 'You may not see these rules any more.',
};

function NoRules(): JSX.Element {
  return (
    <Message title="There are no rules here that you may see.">
      <p>No workflow of yours has this name. Look whether the whole address was copied.</p>
      <p>
        <a href={policyAddress()}>To the policies</a>
      </p>
    </Message>
  );
}

function OpenPolicy({ policy, opened, page }: { policy: Policy; opened: Opened; page: PolicyPage }): JSX.Element {
  const { pauses } = useApp();
  const [settled, setSettled] = useState<string | null>(null);
  const view = useRef<HTMLDivElement>(null);
  const told = useRef<HTMLDivElement>(null);
  useKeptFocus(view);
  const title = titleOf(policy);
  useLayoutEffect(() => {
    document.title = `${title} – Policies – Handoff`;
  }, [title]);
  useLayoutEffect(() => focusOn(view.current?.querySelector('h1') ?? null), [page]);
  const settle = async (words: string): Promise<void> => {
    setSettled(words);
    await opened.renew();
    focusOn(told.current);
  };
  const saved = (answer: Saved): void => {
    void settle(
      answer.status === 'active'
        ? `Version ${answer.version ?? policy.version + 1} is active now.`
        : `Sent to governance. ${policy.version === 0 ? 'The present rules stay' : `Version ${policy.version} stays`} active until somebody signs the new ones off.`,
    );
  };
  return (
    <div class="policy" ref={view}>
      <Head policy={policy} title={title} page={page} />
      <div class="policy__notices" ref={told} tabIndex={-1}>
        {opened.trouble !== null && (
          <Notice title={TROUBLE_WORDS[opened.trouble] ?? 'Handoff does not answer right now.'}>
            What you see may have changed meanwhile. Your numbers are kept on this page.
          </Notice>
        )}
        {settled !== null && <Notice title={settled} />}
        {!policy.readable && <Unreadable names={[title]} numbers={page === 'rules'} />}
        <PausedNow pauses={pauses.filter((pause) => concerns(pause, policy.workflow_id))} />
      </div>
      {page === 'versions' ? (
        <div class="policy__versions">
          <Versions policy={policy} opened={opened} onSaved={saved} />
        </div>
      ) : (
        <Editor policy={policy} opened={opened} onSaved={saved} onSettled={(words) => void settle(words)} />
      )}
    </div>
  );
}

function Head({ policy, title, page }: { policy: Policy; title: string; page: PolicyPage }): JSX.Element {
  const { workflow_id, version, saved_by, saved_at, approved_by, reason, inherits } = policy;
  const owner = policy.effective.owner;
  const ownerName = typeof owner === 'object' && owner !== null && !Array.isArray(owner) ? owner.name : null;
  const current = (of: PolicyPage): 'page' | undefined => (of === page ? 'page' : undefined);
  return (
    <header class="head policy__head">
      <p class="head__path">
        <a href={policyAddress()}>Policies</a>
        <span aria-hidden="true"> / </span>
        {workflow_id}
      </p>
      <h1 tabIndex={-1}>
        When “<Seen text={title} />” asks a person
      </h1>
      <p class="head__lede">
        {version === 0 ? (
          <>It has no rules of its own yet and runs under the built-in ones of “{inherits ?? 'default'}”.</>
        ) : (
          <>
            Version {version}, saved by {saved_by?.name ?? 'Handoff'}
            {saved_at !== null && (
              <>
                {' '}
                (<At at={saved_at} />)
              </>
            )}
            {approved_by !== null && `, ${approverWords(approved_by)}`}
            {reason ? (
              <>
                : “<Seen text={reason} />”
              </>
            ) : (
              '.'
            )}
          </>
        )}
      </p>
      <div class="policy__line">
        <nav class="tabs" aria-label="Rules or versions">
          <a href={policyAddress(workflow_id)} aria-current={current('rules')}>
            Rules
          </a>
          <a href={policyAddress(workflow_id, 'versions')} aria-current={current('versions')}>
            Versions
          </a>
        </nav>
        <ul class="head__facts">
          {policy.readable && (
            <li class="fact" data-risk={tierOf(policy)}>
              {policy.effective.risk_tier ? RISK_WORDS[tierOf(policy)] : 'Each case has its own risk'}
            </li>
          )}
          {typeof ownerName === 'string' && (
            <li class="fact">
              Owner: <Seen text={ownerName} />
            </li>
          )}
        </ul>
        <PauseSomething workflowId={workflow_id} />
      </div>
    </header>
  );
}

function titleOf({ version, workflow_id, document }: Policy): string {
  // Without rules of its own the document is the built-in one, and so is its title.
  const isOwn = version > 0 || document.workflow_id === workflow_id;
  return isOwn && typeof document.title === 'string' && document.title !== '' ? document.title : humanise(workflow_id);
}

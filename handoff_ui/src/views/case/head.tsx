import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Live } from '../../api/types';
import { Deadline } from '../../parts/deadline';
import { Seen } from '../../parts/quote';
import { groupAddress, inboxAddress } from '../../route';
import type { ContextPackage } from '../../trust/package';
import { RISK_WORDS, workflowName } from '../../words/item';
import { levelWords, stageWords } from '../../words/stage';
import { asksItself, asksOfPause, isOpen } from '../../words/standing';
import { cameWith } from '../inbox/came-with';
import { Badge } from './why/badge';
import { dueAt } from './decide/due';
import { yesWords } from './yes-words';

function groupWords({ group }: Live): string {
  return `${group.index + 1} of ${group.size} asked together`;
}

/** What is asked, what happens on yes, and the three facts that decide how carefully to read. */
export function Head({ live, content, alone }: { live: Live; content: ContextPackage; alone: boolean }): JSX.Element {
  const { metadata } = content;
  const headline = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => headline.current?.focus(), []);
  const workflow = workflowName(metadata);
  const yes = yesWords(live);
  const level = levelWords(live);
  const stage = isOpen(live) ? stageWords(live) : null;
  return (
    <header class="head">
      <p class="head__path">
        {!alone && (
          <>
            <a href={inboxAddress(cameWith())}>Inbox</a>
            <span aria-hidden="true"> / </span>
            <a href={inboxAddress({ workflow_id: metadata.workflow_id })}>
              <Seen text={workflow} />
            </a>
            <span aria-hidden="true"> / </span>
          </>
        )}
        <Seen text={metadata.title} />
      </p>
      <h1 ref={headline} tabIndex={-1}>
        <Seen text={metadata.question} />
      </h1>
      {isOpen(live) && live.stage !== 'triage' && (
        <p class="head__lede">
          If you approve,{' '}
          {yes.workflow && (
            <>
              “<Seen text={workflow} />”{' '}
            </>
          )}
          {yes.words}
          {metadata.reversible === false && !asksItself(live) && ' That cannot be undone.'}{' '}
          {metadata.impact !== null && <Seen text={metadata.impact} />}
        </p>
      )}
      <ul class="head__facts">
        <li class="fact" data-risk={metadata.risk_tier}>
          {RISK_WORDS[metadata.risk_tier]}
        </li>
        {!asksOfPause(live) && (
          <li class="fact fact--badge">
            <Badge confidence={metadata.confidence} bands={live.confidence_bands} />
          </li>
        )}
        {live.group.size > 1 && (
          <li class="fact">
            {alone ? groupWords(live) : <a href={groupAddress(live.group_id)}>{groupWords(live)}</a>}
          </li>
        )}
        {stage !== null && <li class="fact fact--stage">{stage.title}</li>}
        {level !== null && <li class="fact">{level}</li>}
        {live.assignee && isOpen(live) && (
          <li class="fact">
            <Seen text={live.assignee.name ?? 'Somebody'} /> looks after it
          </li>
        )}
        {isOpen(live) && (
          <li class="fact">
            <Deadline at={dueAt(live)} />
          </li>
        )}
      </ul>
    </header>
  );
}

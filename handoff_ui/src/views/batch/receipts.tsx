import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Batch, BatchResult } from '../../api/desk-types';
import { count } from '../../content/reading';
import { focusOn } from '../../hooks/armed';
import { Button } from '../../parts/button';
import { Seen } from '../../parts/quote';
import { caseAddress, inboxAddress } from '../../route';
import { cameWith } from '../inbox/came-with';
import { OUTCOME_WORDS } from '../inbox/row-words';
import { sharedQuestion } from './choices';
import type { Deciding } from './use-deciding';

interface ReceiptsProps {
  batch: Batch;
  results: ReadonlyMap<string, BatchResult>;
  deciding: Deciding;
}

/** What became of each case, with the number of its record: one event a case, as if each had been decided alone. */
export function Receipts({ batch, results, deciding }: ReceiptsProps): JSX.Element {
  const headline = useRef<HTMLHeadingElement>(null);
  const [label, setLabel] = useState('Copy the records');
  useLayoutEffect(() => focusOn(headline.current), []);
  const answered = batch.items.flatMap((item) => {
    const result = results.get(item.id) ?? item.result;
    return result === null ? [] : [{ item, result }];
  });
  const done = answered.filter(({ result }) => result.status === 'done');
  const failed = answered.filter(({ result }) => result.status !== 'done');
  const rest = batch.items.length - answered.length;
  const named = sharedQuestion(batch) === null;
  const word = deciding.step === 'done' ? DECIDED[deciding.verdict.action] : 'decided';
  const copy = async (): Promise<void> => {
    const lines = done.map(({ item, result }) => `${result.event_id ?? ''}\t${item.id}\t${item.package_digest}`);
    try {
      await navigator.clipboard.writeText(lines.join('\n'));
      setLabel('Copied');
    } catch {
      // Without https a browser gives no clipboard.
      setLabel('This browser does not copy here');
    }
  };
  return (
    <div class="batch">
      <header class="batch__head">
        <h1 ref={headline} tabIndex={-1}>
          {count(done.length, 'case')} {word}
          {failed.length > 0 && `, ${failed.length} not`}
        </h1>
        <p>
          Each has a record of its own.
          {rest > 0 && ` ${count(rest, 'case')} that you left out ${rest === 1 ? 'waits' : 'wait'} in the inbox again.`}
        </p>
        <div class="batch__buttons">
          <a class="button button--main" href={inboxAddress(cameWith())} data-guarded="">
            To the inbox
          </a>
          {done.length > 0 && <Button onPress={() => void copy()}>{label}</Button>}
        </div>
      </header>
      <ol class="batch__list">
        {[...failed, ...done].map(({ item, result }) => (
          <li key={item.id} class="item item--result" data-done={result.status === 'done'}>
            <span class="item__mark" aria-hidden="true">
              {result.status === 'done' ? '✓' : '✕'}
            </span>
            <div class="item__what">
              <a class="item__link" href={caseAddress(item.id)}>
                <Seen text={named ? item.question : item.title} />
              </a>
              <p class="item__facts">
                {named && item.title !== item.question && (
                  <>
                    <Seen text={item.title} />
                    {' · '}
                  </>
                )}
                {result.status === 'done' ? (OUTCOME_WORDS[item.state] ?? word) : 'not decided by you'}
              </p>
            </div>
            {result.status === 'done' ? <code>{result.event_id}</code> : <p>{result.detail}</p>}
          </li>
        ))}
      </ol>
    </div>
  );
}

const DECIDED = { approve: 'approved', reject: 'rejected' };

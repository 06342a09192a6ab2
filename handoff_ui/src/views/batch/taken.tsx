import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { now_ms } from '../../api/clock';
import { humanise } from '../../content/humanise';
import { count } from '../../content/reading';
import { focusOn } from '../../hooks/armed';
import { moveFocus } from '../../hooks/move-focus';
import { useKeptFocus } from '../../hooks/use-kept-focus';
import { useNow, useTold } from '../../hooks/use-now';
import { useShortcuts } from '../../hooks/use-shortcuts';
import { Notice } from '../../parts/alarm';
import { Button } from '../../parts/button';
import { Loading } from '../../parts/later';
import { Seen } from '../../parts/quote';
import { Message } from '../message';
import { batchAddress, inboxAddress } from '../../route';
import { spanWords, timeWords } from '../../words/time';
import { BlockedView } from '../blocked';
import { cameWith } from '../inbox/came-with';
import { noteBatch, heldBatch } from '../running-batch';
import { SignInWays } from '../sign-in/later-ways';
import { Bar } from './bar';
import { membersOf, sharedQuestion, whyNotDecide, type Choices, type Member } from './choices';
import { Apart, Items } from './items';
import { Receipts } from './receipts';
import { useBatch } from './use-batch';
import { useDeciding } from './use-deciding';

const NONE: Choices = new Map();

/** A batch that this person holds: what stands apart first, then the rest, and one decision for all that are included. */
export function Taken({ id }: { id: string }): JSX.Element {
  const [choices, setChoices] = useState(() => chosenIn(id));
  const { deciding, results, hasEnded, decide } = useDeciding(id);
  const isChoosing = deciding.step === 'choosing';
  const { batch, contents, trouble, again } = useBatch(id, isChoosing, hasEnded);
  const view = useRef<HTMLDivElement>(null);
  const headline = useRef<HTMLHeadingElement>(null);
  const isOver = useNow() >= Date.parse(batch?.until ?? '9999-12-31');
  useKeptFocus(view);
  useShortcuts({ j: () => moveFocus(view.current, 1, ITEM), k: () => moveFocus(view.current, -1, ITEM) });
  const isThere = batch !== null;
  const isSettled = deciding.step === 'done' || batch?.items.every(({ result }) => result !== null) === true;
  useLayoutEffect(() => {
    if (isSettled) noteBatch(null);
    else if (batch !== null) {
      noteBatch({ id, until: batch.until, ids: batch.items.map((item) => item.id), choices: [...choices] });
    }
  }, [id, batch, choices, isSettled]);
  useLayoutEffect(() => focusOn(headline.current), [isThere]);
  useLayoutEffect(() => {
    const similar = `${batch === null ? '' : `${batch.items.length} `}similar cases`;
    const done = [...results.values()].filter(({ status }) => status === 'done');
    document.title = `${deciding.step === 'done' ? `${count(done.length, 'case')} decided` : similar} – Handoff`;
  }, [batch, deciding.step, results]);

  if (batch === null && trouble !== null) {
    return trouble === 'not_found' ? <Over /> : <BlockedView why={{ why: trouble }} />;
  }
  if (batch === null) return <Loading />;
  const members = membersOf(batch, contents, choices);
  const choose = (item: string, included: boolean): void => setChoices((before) => new Map(before).set(item, included));
  if (isSettled) {
    return <Receipts batch={batch} results={results} deciding={deciding} />;
  }
  const sameQuestion = sharedQuestion(batch);
  const list = { choose, disabled: !isChoosing, named: sameQuestion === null };
  const [apart, usual] = [members.filter(standsApart), members.filter((member) => !standsApart(member))];
  return (
    <div class="batch" ref={view}>
      <header class="batch__head">
        <h1 ref={headline} tabIndex={-1}>
          {count(batch.items.length, 'similar case')} of “{humanise(batch.workflow_id)}”
        </h1>
        <p>
          {sameQuestion !== null && (
            <>
              <strong>
                <Seen text={sameQuestion} />
              </strong>{' '}
              Each is decided on what it shows here.{' '}
            </>
          )}
          They are yours <Until at={batch.until} />.
        </p>
        {batch.left_out.length > 0 && (
          <details>
            <summary>{count(batch.left_out.length, 'similar case')} could not be taken</summary>
            <ul class="batch__left">
              {batch.left_out.map(({ id: of, why }) => (
                <li key={of}>
                  <code>{of}</code>: {why}
                </li>
              ))}
            </ul>
          </details>
        )}
      </header>
      {trouble === 'signed_out' && (
        <Notice title="Your session ended.">
          What you chose is kept on this page, and nothing was sent. Sign in here, or in another tab, and go on.{' '}
          <Button onPress={again}>I am signed in again</Button>
          <SignInWays />
        </Notice>
      )}
      {isOver && (
        <Notice title="The 15 minutes are over.">
          Others may decide these cases again. <a href={batchAddress(batch.items[0]?.id ?? '')}>Take them again</a>
        </Notice>
      )}
      {apart.length > 0 && <Apart members={apart} {...list} />}
      {usual.length > 0 && <Items members={usual} {...list} />}
      <Bar
        batch={batch}
        members={members}
        deciding={deciding}
        answered={results.size}
        whyNot={
          trouble === 'signed_out'
            ? 'Sign in again to go on.'
            : isOver
              ? 'The time for these cases is over.'
              : whyNotDecide(members)
        }
        trouble={trouble}
        decide={(verdict) => void decide(members, verdict)}
      />
    </div>
  );
}

/** What was chosen before the page was loaded again. */
function chosenIn(id: string): Choices {
  const running = heldBatch();
  return running?.id === id ? new Map(running.choices) : NONE;
}

const ITEM = { link: '.item__main', row: '.item' };

function standsApart({ apart, unfit }: Member): boolean {
  return apart.length > 0 || unfit !== null;
}

const HURRY_MS = 3 * 60_000;

/** Until when the cases are held; it turns urgent only near the end. */
function Until({ at }: { at: string }): JSX.Element {
  const until_ms = Date.parse(at);
  const left = useTold((now) => spanWords(until_ms - now));
  const urgency = until_ms - now_ms() < HURRY_MS ? 'urgent' : 'calm';
  return (
    <time class="deadline" data-urgency={urgency} dateTime={at}>
      until {timeWords(until_ms, now_ms())}, for another {left}
    </time>
  );
}

function Over(): JSX.Element {
  useLayoutEffect(() => noteBatch(null), []);
  return (
    <Message title="These cases are not held for you any more.">
      <p>They were given back, or the 15 minutes are over. What was decided stays decided.</p>
      <p>
        <a class="button button--main" href={inboxAddress(cameWith())}>
          To the inbox
        </a>
      </p>
    </Message>
  );
}

import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { GateAnswer, GateItem } from '../../../api/types';
import { spelled } from '../../../content/reading';
import { At } from '../../../parts/deadline';
import { Seen } from '../../../parts/quote';
import { ANSWER_WORDS } from '../../../words/gates';
import type { Checked, Checks } from '../controls/use-checks';

/** The checks of this review: an explicit answer for each item, and none to begin with (R-GATE-03, R-UI-19). */
export function Checklist({ checks, off }: { checks: Checks; off: boolean }): JSX.Element {
  const { gates, unanswered } = checks;
  return (
    <section class="checklist" aria-label="Checks">
      {checks.anew && (
        <p class="checklist__anew" role="status">
          You changed it: each check is answered for your version.
        </p>
      )}
      {gates.map((gate, at) => (
        <GateList
          key={gate.gate.id}
          checked={gate}
          place={gates.length > 1 ? `${at + 1} of ${gates.length}` : null}
          after={gates[at - 1]?.gate.title ?? ''}
          off={off}
          answer={checks.answer}
        />
      ))}
      <p class="checklist__left" role="status">
        {unanswered > 0 ? `${unanswered} open` : 'Every check is answered.'}
      </p>
    </section>
  );
}

interface GateProps {
  checked: Checked;
  place: string | null;
  /** The gate before it. */
  after: string;
  off: boolean;
  answer: Checks['answer'];
}

function GateList({ checked, place, after, off, answer }: GateProps): JSX.Element {
  const { gate, open, items, passed } = checked;
  // A gate of one item has its item's title.
  const named = items.length !== 1 || items[0]?.item.title !== gate.title;
  return (
    <div class="gate" data-open={open} data-passed={passed}>
      {(named || place !== null) && (
        <h3 class="gate__title">
          {named && <Seen text={gate.title} />}
          {place !== null && <span class="gate__place">part {place}</span>}
        </h3>
      )}
      {!open && !passed && (
        <p class="nothing">
          {gate.may_answer ? (
            <>
              Opens once “<Seen text={after} />” has passed.
            </>
          ) : (
            'Somebody else answers this.'
          )}
        </p>
      )}
      <ul class="gate__items">
        {items.map(({ item, given, result }) => (
          <li key={item.id} class="check" data-result={result ?? 'open'}>
            {given !== null || (open && isAsked(item)) ? (
              <Ask
                item={item}
                result={given?.result ?? null}
                note={given?.note ?? ''}
                off={off || !open}
                answer={(changes) => answer(gate.id, item.id, changes)}
              />
            ) : (
              <Known item={item} />
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Nobody answered it yet, or it failed: whoever sees the case next may judge it again. */
function isAsked({ result, check }: GateItem): boolean {
  return result === null || (result === 'fail' && check !== 'policy_version');
}

interface AskProps {
  item: GateItem;
  result: GateAnswer | null;
  note: string;
  off: boolean;
  answer: (changes: { result?: GateAnswer; note?: string }) => void;
}

function Ask({ item, result, note, off, answer }: AskProps): JSX.Element {
  const id = useId();
  const choices: GateAnswer[] = item.not_applicable ? ['pass', 'fail', 'not_applicable'] : ['pass', 'fail'];
  return (
    <fieldset class="check__ask" aria-describedby={`${id}-criterion`} disabled={off}>
      <legend class="check__title">
        <Seen text={item.title} />
      </legend>
      <p class="check__criterion" id={`${id}-criterion`}>
        <Seen text={item.criterion} />
        {item.check === 'evidence' && `${/[.!?…]$/.test(item.criterion) ? '' : '.'} Name the evidence below.`}
      </p>
      {item.result !== null && <Found item={item} />}
      <div class="check__choices">
        {choices.map((choice) => (
          <label key={choice} class="check__choice" data-choice={choice}>
            <input
              type="radio"
              name={id}
              value={choice}
              checked={result === choice}
              onChange={() => answer({ result: choice })}
            />
            {ANSWER_WORDS[choice]}
          </label>
        ))}
      </div>
      {result === 'fail' && (
        <input
          class="input check__note"
          aria-label={`What is wrong: ${spelled(item.title)}`}
          placeholder="What is wrong? (optional)"
          maxLength={1000}
          value={note}
          onInput={({ currentTarget }) => answer({ note: currentTarget.value })}
        />
      )}
    </fieldset>
  );
}

/** An answer that stands already, or one that only Handoff gives. */
function Known({ item }: { item: GateItem }): JSX.Element {
  const { title, criterion } = item;
  return (
    <>
      <span class="check__title">
        <Seen text={title} />
      </span>
      <span class="check__criterion">
        <Seen text={criterion} />
      </span>
      <Found item={item} />
    </>
  );
}

/** What was found, by whom and when. */
function Found({ item: { result, by, at, note, check } }: { item: GateItem }): JSX.Element {
  return (
    <span class="check__known">
      {result === null ? 'Not answered yet' : ANSWER_WORDS[result]}
      {check === 'policy_version' && ', checked by Handoff'}
      {by !== null && `, by ${spelled(by.name ?? 'somebody')}`}
      {by !== null && at !== null && (
        <>
          {' at '}
          <At at={at} />
        </>
      )}
      {note && (
        <>
          {': '}
          <Seen text={note} />
        </>
      )}
    </span>
  );
}

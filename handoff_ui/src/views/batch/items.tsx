import type { JSX } from 'preact';
import { fieldsOf } from '../../content/display';
import { Seen } from '../../parts/quote';
import { RedactedContext } from '../../parts/redacted';
import { Value } from '../../parts/value';
import { Button } from '../../parts/button';
import { caseAddress } from '../../route';
import type { ContextPackage, Redacted } from '../../trust/package';
import { percentWords } from '../../words/confidence';
import { RISK_WORDS } from '../../words/item';
import type { Content, Member } from './choices';

const NOTHING_HIDDEN: readonly Redacted[] = [];

interface ListProps {
  members: Member[];
  choose: (id: string, included: boolean) => void;
  disabled: boolean;
  /** Whether the question tells one from the other; where all ask the same, the title does. */
  named: boolean;
}

/** On top: what is not like the rest. Each is included or left out by hand before anything is decided (R-UI-16). */
export function Apart({ members, choose, disabled, named }: ListProps): JSX.Element {
  return (
    <section class="batch__apart" aria-labelledby="batch-apart">
      <h2 id="batch-apart">{members.length === 1 ? 'One stands apart' : `${members.length} stand apart`}</h2>
      <ol class="batch__list">
        {members.map((member) => (
          <li key={member.item.id} class="item item--apart">
            <What member={member} named={named} />
            <ul class="item__why">
              {(member.unfit === null ? member.apart : [member.unfit]).map((words) => (
                <li key={words}>
                  <Seen text={words} />
                </li>
              ))}
            </ul>
            <Output content={member.content} />
            {member.unfit === null ? (
              <Choice member={member} choose={choose} disabled={disabled} name={nameOf(member, named)} />
            ) : (
              <p class="nothing">It is left out. Decide it on its own page.</p>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

interface ChoiceProps extends Pick<ListProps, 'choose' | 'disabled'> {
  member: Member;
  name: string;
}

function nameOf({ item }: Member, named: boolean): string {
  return named ? item.question : item.title;
}

function Choice({ member, choose, disabled, name }: ChoiceProps): JSX.Element {
  const { item, included } = member;
  const option = (value: boolean, label: string, main: boolean): JSX.Element => (
    <button
      type="button"
      class={`button${main ? ' item__main' : ''}`}
      aria-pressed={included === value}
      disabled={disabled}
      onClick={() => choose(item.id, value)}
    >
      {label}
      <span class="unseen">: {name}</span>
    </button>
  );
  return (
    <div class="item__choice">
      {option(true, 'Include it', true)}
      {option(false, 'Leave it out', false)}
    </div>
  );
}

/** The cases that are alike, each with what exactly is decided on. */
export function Items({ members, choose, disabled, named }: ListProps): JSX.Element {
  const all = members.every(({ included }) => included === true);
  return (
    <section class="batch__usual" aria-labelledby="batch-usual">
      <div class="batch__bar">
        <h2 id="batch-usual">{members.length === 1 ? 'One case' : `${members.length} are alike`}</h2>
        <Button
          look="quiet"
          disabled={disabled}
          onPress={() => {
            for (const { item } of members) choose(item.id, !all);
          }}
        >
          {all ? 'Leave all out' : 'Include all'}
        </Button>
      </div>
      <ol class="batch__list">
        {members.map((member) => (
          <li key={member.item.id} class="item" data-included={member.included}>
            <label class="item__pick">
              <input
                type="checkbox"
                class="item__main"
                checked={member.included === true}
                disabled={disabled}
                onChange={({ currentTarget }) => choose(member.item.id, currentTarget.checked)}
              />
              <span class="unseen">Include: {nameOf(member, named)}</span>
            </label>
            <What member={member} named={named} />
            <Output content={member.content} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function What({ member, named }: { member: Member; named: boolean }): JSX.Element {
  const { item, content } = member;
  const checked = content !== undefined && 'package' in content ? content.package : null;
  return (
    <div class="item__what">
      <a class="item__link" href={caseAddress(item.id)} target="_blank" rel="noopener">
        <Seen text={nameOf(member, named)} />
        <span class="unseen"> (in a new tab)</span>
      </a>
      <p class="item__facts">
        {named && item.title !== item.question && (
          <>
            <Seen text={item.title} />
            {' · '}
          </>
        )}
        {RISK_WORDS[item.risk_tier]} ·{' '}
        {item.confidence === null ? 'confidence unknown' : `${percentWords(item.confidence)} sure`}
        {item.impact && (
          <>
            {' · '}
            <Seen text={item.impact} />
          </>
        )}
      </p>
      {checked !== null && <Request content={checked} />}
    </div>
  );
}

function Request({ content }: { content: ContextPackage }): JSX.Element {
  return (
    <details class="item__request">
      <summary>What came in</summary>
      <Part part="request" content={content} />
      {content.attachments.length > 0 && <p class="nothing">Its files are on its own page.</p>}
    </details>
  );
}

/** What the model said: what exactly goes on. Nothing of it is shown before its signature was checked. */
function Output({ content }: { content: Content }): JSX.Element {
  if (content === undefined) {
    return (
      <p class="nothing item__output" role="status">
        Checking that nobody changed the case on its way…
      </p>
    );
  }
  if ('why' in content) return <p class="nothing item__output">Not shown.</p>;
  return (
    <div class="item__output">
      <Part part="model_output" content={content.package} />
    </div>
  );
}

function Part({ part, content }: { part: 'request' | 'model_output'; content: ContextPackage }): JSX.Element {
  const large = new Set(content.large_values.map(({ path }) => path));
  const { shown, others } = fieldsOf(part, content[part], content.metadata.display, large);
  return (
    <RedactedContext.Provider value={content.redacted ?? NOTHING_HIDDEN}>
      {[...shown, ...others].map(({ label, pointer, value, kind, isLarge }) => (
        <div key={pointer} class="item__field">
          {label !== '' && (
            <h3>
              <Seen text={label} />
            </h3>
          )}
          {isLarge ? (
            <p class="nothing">Long; read it on its own page.</p>
          ) : (
            <Value value={value} kind={kind} pointer={pointer} />
          )}
        </div>
      ))}
    </RedactedContext.Provider>
  );
}

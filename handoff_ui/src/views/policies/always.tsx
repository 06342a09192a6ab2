import type { JSX } from 'preact';
import type { JsonObject } from '../../api/policy-types';
import { humanise } from '../../content/humanise';
import { Seen } from '../../parts/quote';
import type { Json } from '../../trust/strict-json';
import { flagWords } from '../../words/flags';

const FLAG_LANES: [list: string, words: string][] = [
  ['stop_the_line', 'Stops the line'],
  ['hard_block', 'Rejected by rule'],
  ['specialist_review', 'A specialist decides'],
  ['human_review', 'A person decides'],
  ['synchronous', 'The workflow waits'],
];
const RULE_WORDS: Record<string, string> = {
  stop_the_line: 'Stops the line',
  hard_block: 'Rejected by rule',
  forced_review: 'A person decides',
};

/** What holds whatever the numbers say: marks, rules, words and gates, as sentences. */
export function Always({ effective }: { effective: JsonObject }): JSX.Element {
  const flags = objectOf(effective.flags);
  const rules = listOf(effective.rules).map(objectOf);
  const terms = textsOf(effective.prohibited_terms);
  const gates = listOf(effective.gates).map(objectOf);
  const hidden = listOf(effective.redaction).map(objectOf);
  const ladder = listOf(effective.ladder).map(objectOf);
  return (
    <section class="group-of" aria-label="What always holds">
      <h2>Always, whatever the numbers say</h2>
      <dl class="always">
        {FLAG_LANES.map(([list, words]) => {
          const named = textsOf(flags[list]);
          return (
            named.length > 0 && (
              <div key={list} class="always__row">
                <dt>{words}</dt>
                <dd class="always__flags">
                  {named.map((flag) => (
                    <span key={flag} class="chip">
                      {flagWords(flag)}
                    </span>
                  ))}
                </dd>
              </div>
            )
          );
        })}
        {rules.map((rule, at) => (
          <div key={at} class="always__row">
            <dt>{RULE_WORDS[textOf(rule.stage)] ?? 'A rule'}</dt>
            <dd>
              <Seen text={textOf(rule.words) || humanise(textOf(rule.id))} />
            </dd>
          </div>
        ))}
        {terms.length > 0 && (
          <div class="always__row">
            <dt>Never passes</dt>
            <dd>
              Text with <Seen text={terms.map((term) => `“${term}”`).join(', ')} />.
            </dd>
          </div>
        )}
        {gates.map((gate, at) => (
          <div key={at} class="always__row">
            <dt>Checked first</dt>
            <dd>
              <b>
                <Seen text={textOf(gate.title)} />
              </b>
              {gateWhere(gate)}
              <ul class="always__checks">
                {listOf(gate.items)
                  .map(objectOf)
                  .map((item, number) => (
                    <li key={number}>
                      <Seen text={checkWords(gate, item)} />
                    </li>
                  ))}
              </ul>
            </dd>
          </div>
        ))}
        {effective.triage === 'required' && (
          <div class="always__row">
            <dt>Sorted first</dt>
            <dd>A triager sorts each case before anybody decides.</dd>
          </div>
        )}
        {hidden.map((place, at) => (
          <div key={at} class="always__row">
            <dt>Hidden</dt>
            <dd>
              <b>
                <Seen text={textOf(place.label)} />
              </b>
              {seenBy(textsOf(place.visible_to))}
            </dd>
          </div>
        ))}
        {ladder.length > 0 && (
          <div class="always__row">
            <dt>Moves up</dt>
            <dd>
              <Seen text={ladder.map((step) => textOf(step.title)).join(' → ')} />
            </dd>
          </div>
        )}
      </dl>
      <p class="nothing">
        These change with the text of the policy: save it to a file, edit it, and open it here to see what it would do.
      </p>
    </section>
  );
}

/** In which review and which queues a checklist is answered. */
function gateWhere(gate: JsonObject): string {
  const queues = textsOf(gate.queues).map((queue) => humanise(queue));
  return `${gate.review === 2 ? ', by the second reviewer' : ''}${queues.length > 0 ? `, in ${queues.join(', ')}` : ''}`;
}

/** What is checked; a checklist of one item has its title already. */
function checkWords(gate: JsonObject, item: JsonObject): string {
  const [title, criterion] = [textOf(item.title), textOf(item.criterion)];
  return title === textOf(gate.title) ? criterion : `${title}: ${criterion}`;
}

function seenBy(roles: string[]): string {
  return roles.length > 0
    ? `, seen by ${roles.map((role) => humanise(role).toLowerCase()).join(', ')}`
    : ', from everybody';
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function textsOf(value: Json | undefined): string[] {
  return listOf(value).filter((item) => typeof item === 'string');
}

function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

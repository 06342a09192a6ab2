import type { JSX } from 'preact';
import type { FirstApproval, FormProperty, ResponseForm } from '../../../api/types';
import { choiceWords } from '../../../content/choice-words';
import { humanise } from '../../../content/humanise';
import { Changes } from '../../../parts/changes';
import { Quote, Seen } from '../../../parts/quote';
import type { Json } from '../../../trust/strict-json';
import { dateWords, parseTime } from '../../../words/time';

interface FilledProps {
  form: ResponseForm;
  first: FirstApproval;
  me: string | null;
}

/** What the first of two filled in, which the second agrees to as it stands, or rejects. */
export function FilledIn({ form, first, me }: FilledProps): JSX.Element {
  const { by, response, corrections = [] } = first;
  const given = Object.entries(form.properties).filter(([name]) => (response?.[name] ?? null) !== null);
  return (
    <section class="response" aria-label="What was filled in" tabIndex={-1}>
      <p class="response__changed">
        Filled in by {by.id === me ? 'you' : <Seen text={by.name ?? 'the first reviewer'} />}.
        {by.id !== me && ' You agree to it as it stands, or reject it.'}
      </p>
      {given.length === 0 && <p class="nothing">Nothing was filled in.</p>}
      {given.map(([name, property]) => {
        const corrected = corrections.find(({ field }) => field === name);
        const words = wordsOf(property, response?.[name]);
        return (
          <div key={name} class="response__field">
            <h3 class="field__label">
              <Seen text={property.title ?? humanise(name)} />
            </h3>
            <Quote text={words} />
            {corrected && (
              <Changes label="What was corrected" before={wordsOf(property, corrected.before)} after={words} />
            )}
          </div>
        );
      })}
    </section>
  );
}

function wordsOf({ type, enum: options, format }: FormProperty, value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  if (type === 'boolean') return value === true ? 'Yes' : 'No';
  const text = String(value);
  const at_ms = format === 'date' ? parseTime(text) : null;
  if (at_ms !== null) return dateWords(at_ms);
  return choiceWords(options ?? []).find((choice) => choice.value === text)?.label ?? text;
}

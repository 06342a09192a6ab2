import type { JSX } from 'preact';
import type { Person } from '../../../api/person';
import type { FirstApproval, FormProperty, ResponseForm } from '../../../api/types';
import { choiceWords } from '../../../content/choice-words';
import { humanise } from '../../../content/humanise';
import { spelled } from '../../../content/reading';
import { Changes } from '../../../parts/changes';
import { Quote, Seen } from '../../../parts/quote';
import type { Json } from '../../../trust/strict-json';
import { dateWords, parseTime } from '../../../words/time';

interface FilledProps {
  form: ResponseForm;
  given: Pick<FirstApproval, 'response' | 'corrections'> & { by: Person | null };
  me: string | null;
  /** Whether the reader is asked to agree to it. */
  agrees?: boolean;
}

/** What was filled in: by the first of two, to which the second agrees as it stands; or once it is decided. */
export function FilledIn({
  form,
  given: { by, response, corrections = [] },
  me,
  agrees = false,
}: FilledProps): JSX.Element {
  const corrected = corrections.map(({ field }) => spelled(form.properties[field]?.title ?? humanise(field)));
  const given = Object.entries(form.properties).filter(([name]) => (response?.[name] ?? null) !== null);
  return (
    <section class="response" aria-label="What was filled in" tabIndex={-1}>
      <p class="response__changed">
        Filled in by {by?.id === me ? 'you' : <Seen text={by?.name ?? 'a reviewer'} />}.
        {agrees && by?.id !== me && ' You agree to it as it stands, or reject it.'}
        {!agrees && corrected.length > 0 && ` Corrected: ${corrected.join(', ')}.`}
      </p>
      {given.length === 0 && <p class="nothing">Nothing was filled in.</p>}
      {given.map(([name, property]) => {
        const correction = corrections.find(({ field }) => field === name);
        const words = wordsOf(property, response?.[name]);
        return (
          <div key={name} class="response__field">
            <h3 class="field__label">
              <Seen text={property.title ?? humanise(name)} />
            </h3>
            <Quote text={words} />
            {correction && (
              <Changes label="What was corrected" before={wordsOf(property, correction.before)} after={words} />
            )}
          </div>
        );
      })}
    </section>
  );
}

function wordsOf({ type, enum: options, format }: FormProperty, value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  // Anything else stands in place of what this reader is not shown.
  if (type === 'boolean' && typeof value === 'boolean') return value ? 'Yes' : 'No';
  const text = String(value);
  const at_ms = format === 'date' ? parseTime(text) : null;
  if (at_ms !== null) return dateWords(at_ms);
  return choiceWords(options ?? []).find((choice) => choice.value === text)?.label ?? text;
}

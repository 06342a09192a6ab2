import type { JSX } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import type { FormProperty, ResponseForm } from '../../../api/types';
import { humanise } from '../../../content/humanise';
import { hiddenIn } from '../../../content/hidden-in';
import { takeRestored, useCurrent } from '../../../hooks/use-kept';
import { choiceWords } from '../../../content/choice-words';
import { Field, LineField, LinesField } from '../../../parts/editor-fields';
import { Quote, Seen } from '../../../parts/quote';
import { count } from '../../../content/reading';
import type { Extras } from '../controls/use-extras';
import { changedFields, fieldFault, filledFields, startOf, valuesOf, type Typed } from './response-values';

interface FormProps {
  form: ResponseForm;
  off: boolean;
  onChange: (response: Extras['response']) => void;
}

/** What the model filled in, for a person to confirm or correct; each correction is shown and goes along (R-UI-22). */
export function ResponseFields({ form, off, onChange }: FormProps): JSX.Element {
  const [typed, setTyped] = useState<Typed>(() => takeRestored<Typed>('response') ?? startOf(form));
  // Before it is painted: a press right after the last letter would send what stood there before it.
  useLayoutEffect(() => {
    onChange(valuesOf(form, typed));
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [form, typed]);
  const changed = changedFields(form, typed);
  const filled = filledFields(form, typed);
  useCurrent('response', changed.length + filled === 0 ? null : typed);
  const cameEmpty = Object.values(startOf(form)).every((text) => text === '');
  return (
    <fieldset class="response" disabled={off}>
      <legend>{cameEmpty ? 'Fill this in' : 'Check what was filled in'}</legend>
      {Object.entries(form.properties).map(([name, property]) => (
        <Property
          key={name}
          name={name}
          property={property}
          required={form.required?.includes(name) === true}
          text={typed[name] ?? ''}
          set={(text) => setTyped((before) => ({ ...before, [name]: text }))}
        />
      ))}
      <p class="response__changed" role="status">
        {changed.length > 0 && `${count(changed.length, 'correction')}: ${changed.join(', ')}. `}
        {changed.length === 0 && !cameEmpty && 'Nothing is corrected. '}
        {(cameEmpty || filled > 0) && `${filled} filled in.`}
      </p>
    </fieldset>
  );
}

interface PropertyProps {
  name: string;
  property: FormProperty;
  required: boolean;
  text: string;
  set: (text: string) => void;
}

const LONG_CHARS = 90;

function Property({ name, property, required, text, set }: PropertyProps): JSX.Element {
  const label = property.title ?? humanise(name);
  const came = startOf({ properties: { [name]: property } })[name];
  const [left, setLeft] = useState(false);
  // What came empty is no fault before somebody was there, nor while they still type it.
  const fault = left || came !== '' ? fieldFault(property, required, text) : null;
  // There is nothing to put back where it came empty.
  const original = came === '' ? undefined : came;
  const shared = { label: required ? label : `${label} (optional)`, value: text, original, set };
  const options = optionsOf(property);
  return (
    <div class="response__field" onFocusOut={() => setLeft(true)}>
      {options !== null ? (
        <ChoiceField {...shared} options={options} blank={!required || came === ''} />
      ) : property.type === 'string' && property.format !== 'date' && isLong(property, original) ? (
        <LinesField {...shared} />
      ) : (
        <LineField
          {...shared}
          type={property.format === 'date' ? 'date' : 'text'}
          numeric={property.type !== 'string'}
        />
      )}
      {property.description && (
        <p class="field__help">
          <Seen text={property.description} />
        </p>
      )}
      {typeof property.default === 'string' && hidesSomething(property.default) && <Quote text={property.default} />}
      {fault !== null && <p class="field__wrong">{fault}</p>}
    </div>
  );
}

function hidesSomething(text: string): boolean {
  const { hidden, gaps } = hiddenIn(text);
  return hidden + gaps > 0;
}

function isLong({ maxLength }: FormProperty, original: string | undefined): boolean {
  return (original ?? '').length > LONG_CHARS || (original ?? '').includes('\n') || (maxLength ?? 0) > 4 * LONG_CHARS;
}

function optionsOf({ type, enum: values }: FormProperty): { value: string; label: string }[] | null {
  if (type === 'boolean') {
    return [
      { value: 'true', label: 'Yes' },
      { value: 'false', label: 'No' },
    ];
  }
  return values === undefined ? null : choiceWords(values);
}

interface ChoiceProps {
  label: string;
  value: string;
  original: string | undefined;
  set: (text: string) => void;
  options: { value: string; label: string }[];
  /** Whether "nothing chosen" is among the options. */
  blank: boolean;
}

function ChoiceField({ label, value, original, set, options, blank }: ChoiceProps): JSX.Element {
  const wordOf = (chosen: string): string => options.find((option) => option.value === chosen)?.label ?? 'Not chosen';
  return (
    <Field
      label={label}
      value={wordOf(value)}
      original={original === undefined ? undefined : wordOf(original)}
      restore={() => set(original ?? '')}
    >
      {(id) => (
        <select
          id={id}
          class="input input--quoted"
          value={value}
          onChange={({ currentTarget }) => set(currentTarget.value)}
        >
          {blank && <option value="">Not chosen</option>}
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

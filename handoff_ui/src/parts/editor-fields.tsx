import type { JSX, RefObject } from 'preact';
import { useLayoutEffect, useId, useRef, useState } from 'preact/hooks';
import { parseNumber } from '../content/edit';
import { spelled } from '../content/reading';
import type { Json } from '../trust/strict-json';
import { Button } from './button';
import { Changes } from './changes';
import { Seen } from './quote';

interface FieldProps<T extends Json> {
  label: string;
  value: T;
  original: Json | undefined;
  set: (value: T) => void;
}

export function LineField({
  label,
  value,
  original,
  set,
  type = 'text',
  numeric = false,
}: FieldProps<string> & { type?: 'text' | 'date'; numeric?: boolean }): JSX.Element {
  return (
    <Field label={label} value={value} original={original} restore={() => set(original as string)}>
      {(id) =>
        type === 'text' && !numeric ? (
          <OneLine id={id} value={value} set={set} />
        ) : (
          <input
            id={id}
            class="input input--quoted"
            // The two take the same attributes here; Preact's types want to know which of them it is.
            type={type as 'text'}
            inputMode={numeric ? 'decimal' : undefined}
            value={value}
            spellcheck={!numeric}
            onInput={({ currentTarget }) => set(currentTarget.value)}
          />
        )
      }
    </Field>
  );
}

/** Text without line breaks, all of which is seen however long it becomes. */
function OneLine({ id, value, set }: { id: string; value: string; set: (value: string) => void }): JSX.Element {
  const box = useRef<HTMLTextAreaElement>(null);
  useGrowing(box, value, 1);
  return (
    <textarea
      id={id}
      ref={box}
      class="input input--quoted input--line"
      rows={1}
      value={value}
      spellcheck
      onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
      onInput={({ currentTarget }) => set(currentTarget.value.replace(/[\r\n]+/g, ' '))}
    />
  );
}

/** Grows a box with its text where the browser does not do so by itself (field-sizing). */
function useGrowing(box: RefObject<HTMLTextAreaElement | null>, value: string, least: number): void {
  useLayoutEffect(() => {
    if (box.current === null || CSS.supports('field-sizing', 'content')) return;
    box.current.rows = Math.max(least, Math.min(24, value.split('\n').length - 1 + Math.ceil(value.length / 70)));
  }, [box, value, least]);
}

export function LinesField({ label, value, original, set }: FieldProps<string>): JSX.Element {
  // A text box gives every line break back as \n; what came with \r\n keeps it, so that only the edit changes.
  const restored = typeof original === 'string' && original.includes('\r\n') ? '\r\n' : '\n';
  const box = useRef<HTMLTextAreaElement>(null);
  useGrowing(box, value, 2);
  return (
    <Field label={label} value={value} original={original} restore={() => set(original as string)}>
      {(id) => (
        <textarea
          id={id}
          ref={box}
          class="input input--quoted input--lines"
          value={value}
          spellcheck
          onInput={({ currentTarget }) => set(currentTarget.value.replaceAll('\n', restored))}
        />
      )}
    </Field>
  );
}

export function NumberField({
  label,
  value,
  original,
  set,
  fault,
}: FieldProps<number> & { fault: (message: string | null) => void }): JSX.Element {
  const [typed, setTyped] = useState(String(value));
  const wrong = parseNumber(typed) === null;
  const type = (text: string): void => {
    setTyped(text);
    const read = parseNumber(text);
    fault(read === null ? 'not a number' : null);
    if (read !== null) set(read);
  };
  return (
    <Field label={label} value={typed} original={original} restore={() => type(String(original))}>
      {(id) => (
        <>
          <input
            id={id}
            class="input input--quoted input--number"
            inputMode="decimal"
            value={typed}
            aria-invalid={wrong}
            aria-describedby={wrong ? `${id}-wrong` : undefined}
            onInput={({ currentTarget }) => type(currentTarget.value)}
          />
          {wrong && (
            <p id={`${id}-wrong`} class="field__wrong">
              Write a number like 1234.5, without commas or units.
            </p>
          )}
        </>
      )}
    </Field>
  );
}

export function YesNoField({ label, value, original, set }: FieldProps<boolean>): JSX.Element {
  return (
    <Field label={label} value={value ? 'Yes' : 'No'} original={original} restore={() => set(original === true)}>
      {(id) => (
        <select
          id={id}
          class="input input--quoted"
          value={value ? 'yes' : 'no'}
          onChange={({ currentTarget }) => set(currentTarget.value === 'yes')}
        >
          <option value="yes">Yes</option>
          <option value="no">No</option>
        </select>
      )}
    </Field>
  );
}

interface FrameProps {
  label: string;
  value: string;
  original: Json | undefined;
  restore: () => void;
  /** The control, under the id that its label names. */
  children: (id: string) => JSX.Element;
}

/** Label, control, and what was changed, with a way back to the original. */
export function Field({ label, value, original, restore, children }: FrameProps): JSX.Element {
  const id = useId();
  const before = asText(original);
  const changed = original !== undefined && before !== value;
  return (
    <div class="field" data-changed={changed}>
      <label for={id} class="field__label">
        <Seen text={label === '' ? 'Text' : label} />
      </label>
      {children(id)}
      {changed && (
        <div class="field__change">
          <Changes before={before} after={value} />
          <Button look="quiet" onPress={restore}>
            Put back<span class="unseen"> the original of {spelled(label)}</span>
          </Button>
        </div>
      )}
    </div>
  );
}

function asText(value: Json | undefined): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return value === undefined || value === null ? '' : String(value);
}

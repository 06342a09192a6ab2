import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { isLongText } from '../content/display';
import { blankLike, controlFor } from '../content/edit';
import { humanise } from '../content/humanise';
import { joinPointer } from '../content/pointer';
import type { Json } from '../trust/strict-json';
import { Button } from './button';
import { Changes } from './changes';
import { LineField, LinesField, NumberField, YesNoField } from './editor-fields';
import { Seen } from './quote';
import { RedactedChip, useRedaction } from './redacted';

/** What an editor needs to know of the whole edit. */
export interface Editing {
  set: (pointer: string, value: Json) => void;
  /** The value as the model gave it, undefined for what was added. */
  original: (pointer: string) => Json | undefined;
  fault: (pointer: string, message: string | null) => void;
}

interface EditorProps {
  label: string;
  pointer: string;
  value: Json;
  editing: Editing;
}

/** The control for one value, whatever its type: nested values become nested groups, never a box of JSON. */
export function Editor({ label, pointer, value, editing }: EditorProps): JSX.Element {
  const original = editing.original(pointer);
  const set = (changed: Json): void => editing.set(pointer, changed);
  // Chosen once, so that a line does not become a box under the hand that types.
  const [control] = useState(() => controlFor(value, isLongText));
  const redacted = useRedaction(pointer);
  // What is left out goes on as it was; the companion puts it back.
  if (redacted !== null) {
    return (
      <div class="field">
        <span class="field__label">{label}</span>
        <RedactedChip label={redacted} />
      </div>
    );
  }
  switch (value === null || control !== 'empty' ? control : 'line') {
    case 'line':
      return <LineField label={label} value={String(value)} original={original} set={set} />;
    case 'lines':
      return <LinesField label={label} value={String(value)} original={original} set={set} />;
    case 'number':
      return (
        <NumberField
          label={label}
          value={value as number}
          original={original}
          set={set}
          fault={(message) => editing.fault(pointer, message)}
        />
      );
    case 'yes_no':
      return <YesNoField label={label} value={value === true} original={original} set={set} />;
    case 'empty':
      return (
        <div class="field">
          <span class="field__label">{label}</span>
          <span class="nothing">Nothing given</span>
          <Button onPress={() => set('')}>Write something</Button>
        </div>
      );
    case 'list':
      return <ListEditor label={label} pointer={pointer} value={value as Json[]} editing={editing} />;
    case 'group':
      return (
        <Group label={label}>
          {Object.entries(value as { [key: string]: Json }).map(([key, member]) => (
            <Editor
              key={key}
              label={humanise(key)}
              pointer={joinPointer(pointer, key)}
              value={member}
              editing={editing}
            />
          ))}
        </Group>
      );
  }
}

function ListEditor({ label, pointer, value, editing }: EditorProps & { value: Json[] }): JSX.Element {
  const original = editing.original(pointer);
  const originals = Array.isArray(original) ? original : [];
  const sameLength = originals.length === value.length;
  const nested: Editing = sameLength ? editing : { ...editing, original: () => undefined };
  const remove = (at: number): void =>
    editing.set(
      pointer,
      value.filter((_, place) => place !== at),
    );
  return (
    <Group label={label}>
      {value.map((item, at) => (
        <div key={`${value.length}-${at}`} class="entry">
          <Editor
            label={`${label || 'Entry'} ${at + 1}`}
            pointer={joinPointer(pointer, at)}
            value={item}
            editing={nested}
          />
          <Button look="quiet" onPress={() => remove(at)}>
            Remove<span class="unseen"> entry {at + 1}</span>
          </Button>
        </div>
      ))}
      {value.length === 0 && <p class="nothing">Empty list</p>}
      <Button onPress={() => editing.set(pointer, [...value, blankLike(originals[0] ?? value[0])])}>
        Add an entry
      </Button>
      {!sameLength && <Changes before={`${originals.length} entries`} after={`${value.length} entries`} />}
    </Group>
  );
}

function Group({ label, children }: { label: string; children: preact.ComponentChildren }): JSX.Element {
  return (
    <fieldset class="group">
      <legend class="field__label">
        <Seen text={label} />
      </legend>
      {children}
    </fieldset>
  );
}

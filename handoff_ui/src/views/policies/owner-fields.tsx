import type { JSX } from 'preact';
import type { JsonObject } from '../../api/policy-types';
import { BeginFrom } from './begin-from';
import { valueAtPath } from './draft';

interface OwnerProps {
  document: JsonObject;
  /** The built-in rules that hold now; null where there are own ones already. */
  begin: string | null;
  onBegin: (name: string) => void;
  onChange: (path: string, value: string) => void;
}

const FIELDS: [path: string, label: string, hint: string][] = [
  ['owner.name', 'Who answers for it', 'Support operations'],
  ['owner.contact', 'How to reach them', '#support-ops'],
];

/** Asked once, with the first rules of its own: nothing is automated for which nobody answers. */
export function OwnerFields({ document, begin, onBegin, onChange }: OwnerProps): JSX.Element {
  return (
    <section class="group-of" aria-label="Who answers for it">
      <h2>Who answers for this workflow</h2>
      <div class="owner">
        {FIELDS.map(([path, label, hint]) => {
          const value = valueAtPath(document, path);
          return (
            <label key={path} class="field">
              <span class="field__label">{label}</span>
              <input
                class="input"
                autocomplete="off"
                maxLength={300}
                placeholder={hint}
                value={typeof value === 'string' ? value : ''}
                onInput={({ currentTarget }) => onChange(path, currentTarget.value)}
              />
            </label>
          );
        })}
        {begin !== null && (
          <BeginFrom
            now={begin}
            chosen={typeof document.extends === 'string' ? document.extends : begin}
            onChoose={onBegin}
          />
        )}
      </div>
    </section>
  );
}

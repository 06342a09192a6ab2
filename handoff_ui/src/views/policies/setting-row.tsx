import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Setting, SettingValue } from '../../api/policy-types';
import { Button } from '../../parts/button';
import { Seen } from '../../parts/quote';
import { fromField, readField, sentenceParts, slideRange, toField, valueWords } from './setting-words';
import { isOutside } from './verdict';

interface RowProps {
  setting: Setting;
  /** What is saved, and what stands here now. */
  saved: SettingValue;
  value: SettingValue;
  /** What the companion finds wrong with it. */
  fault: string | null;
  onChange: (value: SettingValue) => void;
  /** Says whether what is typed can be used. */
  onFault: (fault: string | null) => void;
}

/** A rule as a sentence with its number in it, a slider below, and what was there before. */
export function SettingRow(props: RowProps): JSX.Element {
  const { setting, saved, value, fault, onChange, onFault } = props;
  const id = useId();
  const isChanged = saved !== value;
  const outside = isChanged && typeof value === 'number' && isOutside(setting, value);
  return (
    <li class="setting" data-changed={isChanged}>
      {setting.kind === 'choice' ? <Choice {...props} id={id} /> : <Amount {...props} id={id} />}
      <div class="setting__foot">
        <p id={`${id}-help`} class="setting__help">
          <Seen text={setting.help} />
        </p>
        {isChanged && (
          <p class="setting__was">
            was {valueWords(setting, saved)}
            <Button
              look="quiet"
              onPress={() => {
                onFault(null);
                onChange(saved);
              }}
            >
              Put back<span class="unseen">: {setting.label}</span>
            </Button>
          </p>
        )}
      </div>
      {outside && setting.bounds !== null && (
        <p class="setting__outside">
          Governance approved {valueWords(setting, setting.bounds.min)} to {valueWords(setting, setting.bounds.max)};
          this waits for it.
        </p>
      )}
      {fault !== null && (
        <p id={`${id}-fault`} class="field__wrong">
          <Seen text={fault} />
        </p>
      )}
    </li>
  );
}

function Amount({ setting, value, fault, onChange, onFault, id }: RowProps & { id: string }): JSX.Element {
  const [typed, setTyped] = useState<string | null>(null);
  const { before, after } = sentenceParts(setting, value);
  const number = typeof value === 'number' ? value : null;
  const type = (text: string): void => {
    setTyped(text);
    const read = text.trim() === '' && setting.default === null ? { value: null } : readField(setting, text);
    onFault('fault' in read ? read.fault : null);
    if ('value' in read) onChange(read.value);
  };
  const slide = (at: number): void => {
    setTyped(null);
    onFault(null);
    onChange(fromField(setting, at));
  };
  const shown = number === null ? '' : String(toField(setting, number));
  const range = slideRange(setting);
  return (
    <>
      <p class="setting__sentence">
        <Seen text={before} />
        <input
          class="input setting__field"
          inputMode="decimal"
          autocomplete="off"
          aria-label={`${setting.label}${setting.unit === '' ? '' : `, in ${unitWords(setting)}`}`}
          aria-describedby={fault === null ? `${id}-help` : `${id}-help ${id}-fault`}
          aria-invalid={fault !== null}
          size={Math.max(2, (typed ?? shown).length)}
          value={typed ?? shown}
          placeholder="–"
          onInput={({ currentTarget }) => type(currentTarget.value)}
          onBlur={() => fault === null && setTyped(null)}
        />
        <Seen text={after} />
      </p>
      <div class="slide">
        <Marks setting={setting} {...range} />
        <input
          type="range"
          class="slide__input"
          min={toField(setting, range.min)}
          max={toField(setting, range.max)}
          step={toField(setting, setting.step ?? 1)}
          value={toField(setting, number ?? range.min)}
          aria-label={`${setting.label}, slider`}
          aria-valuetext={valueWords(setting, value)}
          onInput={({ currentTarget }) => slide(currentTarget.valueAsNumber)}
        />
      </div>
    </>
  );
}

/** Under the slider: what governance approved beforehand as a band, and what is saved as a tick. */
function Marks({ setting, min, max }: { setting: Setting; min: number; max: number }): JSX.Element {
  const at = (value: number): number => Math.min(100, Math.max(0, ((value - min) / (max - min || 1)) * 100));
  const { bounds, value } = setting;
  return (
    <svg class="slide__marks" width="100%" height="20" aria-hidden="true">
      <rect class="slide__track" x="0" y="8" width="100%" height="4" />
      {bounds !== null && (
        <rect
          class="slide__bounds"
          x={`${at(bounds.min)}%`}
          y="8"
          width={`${at(bounds.max) - at(bounds.min)}%`}
          height="4"
        />
      )}
      {typeof value === 'number' && (
        <line class="slide__saved" x1={`${at(value)}%`} x2={`${at(value)}%`} y1="2" y2="18" />
      )}
    </svg>
  );
}

function Choice({ setting, value, onChange, id }: RowProps & { id: string }): JSX.Element {
  const { before, after } = sentenceParts(setting, value);
  if (typeof value === 'boolean' || (setting.options ?? []).length === 0) {
    return (
      <label class="choice">
        <input
          type="checkbox"
          checked={value === true}
          aria-describedby={`${id}-help`}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
        <span>
          <Seen text={setting.sentence.includes('{value}') ? setting.label : setting.sentence} />
        </span>
      </label>
    );
  }
  const options = setting.options ?? [];
  return (
    <p class="setting__sentence">
      <Seen text={before} />
      <select
        class="input"
        aria-label={setting.label}
        aria-describedby={`${id}-help`}
        value={String(options.findIndex((option) => option.value === value))}
        onChange={({ currentTarget }) => onChange(options[Number(currentTarget.value)]?.value ?? null)}
      >
        {options.map(({ label }, at) => (
          <option key={at} value={String(at)}>
            {label}
          </option>
        ))}
      </select>
      <Seen text={after} />
    </p>
  );
}

function unitWords({ unit }: Setting): string {
  return unit === '%' ? 'per cent' : unit;
}

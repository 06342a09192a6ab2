import type { JSX } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import type { Preset } from '../../api/policy-types';
import { useApp } from '../../context';
import { humanise } from '../../content/humanise';

interface BeginProps {
  /** The built-in rules that hold now, and those that the first own ones begin from. */
  now: string;
  chosen: string;
  onChoose: (name: string) => void;
}

/** Which built-in rules the first rules of a workflow begin from. */
export function BeginFrom({ now, chosen, onChoose }: BeginProps): JSX.Element {
  const { client } = useApp();
  const [presets, setPresets] = useState<Preset[]>([]);
  useLayoutEffect(() => {
    void client.send<{ items: Preset[] }>('/v1/policy-presets').then((answer) => {
      if (answer.kind === 'ok') setPresets(answer.data.items);
    });
  }, [client]);
  const names = [...new Set([now, ...presets.map(({ name }) => name)])];
  const described = presets.find(({ name }) => name === chosen);
  return (
    <label class="field">
      <span class="field__label">Begin from</span>
      <select
        class="input"
        value={chosen}
        aria-describedby="begin-from"
        onChange={({ currentTarget }) => onChoose(currentTarget.value)}
      >
        {names.map((name) => (
          <option key={name} value={name}>
            {presets.find((preset) => preset.name === name)?.title ?? humanise(name)}
            {name === now && ' (as now)'}
          </option>
        ))}
      </select>
      <span id="begin-from" class="setting__help">
        {described?.description ?? 'What is not set here comes from these.'}
      </span>
    </label>
  );
}

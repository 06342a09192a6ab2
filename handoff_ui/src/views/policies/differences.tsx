import type { JSX } from 'preact';
import type { Difference, Setting } from '../../api/policy-types';
import { Seen } from '../../parts/quote';
import type { differing } from './draft';
import { differenceWords } from './setting-words';
import { loosens } from './verdict';

/** What differs, a sentence each; what watches less says so in a word, never by colour alone. */
export function Differences({ diff, settings }: { diff: Difference[]; settings: Setting[] }): JSX.Element {
  if (diff.length === 0) return <p class="nothing">Nothing in the rules differs.</p>;
  return (
    <ul class="differences">
      {diff.map((difference) => {
        const { label, text } = differenceWords(difference, settings);
        return (
          <li key={difference.path} class="difference">
            <Seen text={label} />:{' '}
            <b>
              <Seen text={text} />
            </b>
            {difference.loosens && <span class="chip chip--warn">looser</span>}
          </li>
        );
      })}
    </ul>
  );
}

export function asDifference({ setting, before, after }: ReturnType<typeof differing>[number]): Difference {
  return { path: setting.path, label: setting.label, before, after, loosens: loosens(setting, before, after) };
}

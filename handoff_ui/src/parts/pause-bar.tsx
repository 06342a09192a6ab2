import type { JSX } from 'preact';
import { spelled } from '../content/reading';
import type { Pause } from '../api/policy-types';
import { mayResume } from '../api/person';
import { useApp } from '../context';
import { caseAddress, policyAddress } from '../route';
import { pausedWords } from '../words/pause';
import { At } from './deadline';
import { Seen } from './quote';

/** On every view while something is paused: what, since when, why, by whom, and the way to its review (row H6). */
export function PauseBar({ pauses }: { pauses: Pause[] }): JSX.Element | null {
  const { session } = useApp();
  const [newest, ...others] = [...pauses].sort((a, b) => Date.parse(b.started_at) - Date.parse(a.started_at));
  if (newest === undefined) return null;
  return (
    <section class="paused" aria-label="Paused">
      <p class="paused__what" role="status">
        <b>{pausedWords(newest)} is paused</b> since <At at={newest.started_at} />
        <span class="paused__why">
          {newest.started_by?.name && `, by ${spelled(newest.started_by.name)}`}: “<Seen text={newest.reason} />”
          Nothing of it goes through by itself.
        </span>
      </p>
      <p class="paused__ways">
        {others.length > 0 && <a href={policyAddress()}>and {others.length} more</a>}
        {newest.review !== null && <a href={caseAddress(newest.review)}>Open its review</a>}
        <a href={policyAddress(newest.workflow_id)}>{mayResume(session?.reviewer.roles) ? 'Resume…' : 'See it'}</a>
      </p>
    </section>
  );
}

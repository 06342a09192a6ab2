import type { JSX } from 'preact';
import type { Live } from '../../../api/types';
import { useApp } from '../../../context';
import { later } from '../../../parts/later';
import { Seen } from '../../../parts/quote';
import type { Metadata } from '../../../trust/package';
import { firstFilled, stageWords } from '../../../words/stage';
import { isOpen } from '../../../words/standing';
import type { Acting } from '../acts/use-act';
import type { Controls } from '../controls/use-controls';
import { FilledIn } from './later-filled-in';

const Guided = later(() => import('./guided').then(({ Guided: found }) => found));
const ResponseFields = later(() => import('./response-form').then(({ ResponseFields: found }) => found));

/** Whether a case asks for more than a press: its parts are fetched with its package, so that nothing moves later. */
export function preloadGuide(live: Live): Promise<unknown> {
  const fills = isOpen(live) && firstFilled(live) === null;
  return Promise.all([
    isGuided(live) && Guided.preload(),
    hasForm(live) && fills && ResponseFields.preload(),
    // With the form as well: it is shown once that is sent, and nobody fetches it then.
    hasForm(live) && FilledIn.preload(),
  ]);
}

function isGuided({ gates, stage, triage }: Live): boolean {
  return (gates ?? []).length > 0 || (stage === 'triage' && triage != null);
}

function hasForm({ response_form, stage }: Live): boolean {
  return response_form != null && stage !== 'triage';
}

interface GuideProps {
  live: Live;
  metadata: Metadata;
  controls: Controls;
  acting: Acting;
}

/** What to do here, in the order in which it is done: the stage, the instructions, the checks, the form. */
export function Guide({ live, metadata, controls, acting }: GuideProps): JSX.Element {
  const { instructions } = metadata;
  const first = firstFilled(live, controls.form === 'modify');
  const me = useApp().session?.reviewer.id ?? null;
  const stage = stageWords(live);
  const sorts = live.stage === 'triage' && live.triage != null;
  const maySkip = controls.whyNotBegin('escalate') === null && controls.form === null;
  return (
    <>
      {stage !== null && (
        <p class="stage">
          <b>{stage.title}</b> {stage.text}
        </p>
      )}
      {instructions.length > 0 && !sorts && (
        <ol class="instructions">
          {instructions.map((text, at) => (
            <li key={at}>
              <Seen text={text} />
            </li>
          ))}
        </ol>
      )}
      {maySkip && (
        <p class="unsure">
          Not sure?{' '}
          <button type="button" class="link" onClick={() => controls.begin('escalate')}>
            Hand it on
          </button>{' '}
          rather than guess.
        </p>
      )}
      {isGuided(live) && <Guided live={live} controls={controls} acting={acting} />}
      {hasForm(live) && live.response_form && first !== null && (
        <FilledIn form={live.response_form} given={first} me={me} agrees />
      )}
      {hasForm(live) && live.response_form && first === null && (
        <ResponseFields form={live.response_form} off={controls.busy} onChange={controls.fill} />
      )}
    </>
  );
}

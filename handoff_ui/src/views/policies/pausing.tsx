import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { mayResume } from '../../api/person';
import type { Pause } from '../../api/policy-types';
import { useApp } from '../../context';
import { useFocusBack } from '../../hooks/use-focus-back';
import { Notice } from '../../parts/alarm';
import { Button, GuardedButton } from '../../parts/button';
import { At } from '../../parts/deadline';
import { Quote, Seen } from '../../parts/quote';
import { caseAddress } from '../../route';
import { pausedWords } from '../../words/pause';
import { ReasonForm } from './reason-form';
import { useSending } from './use-sending';

const MAY_PAUSE = ['on_call', 'owner', 'governance', 'operator'];

/** Each pause that holds now, with the link to its review and, for those who may, the way to end it (R-CONT-08). */
export function PausedNow({ pauses }: { pauses: Pause[] }): JSX.Element | null {
  if (pauses.length === 0) return null;
  return (
    <ul class="pauses" aria-label="Paused now">
      {pauses.map((pause) => (
        <PauseRow key={pause.id} pause={pause} />
      ))}
    </ul>
  );
}

function PauseRow({ pause }: { pause: Pause }): JSX.Element {
  const { session, renewPauses } = useApp();
  const [open, setOpen] = useState(false);
  const sending = useSending();
  const box = useFocusBack<HTMLLIElement>(open);
  const may = mayResume(session?.reviewer.roles);
  /** The review that a refused press was about. */
  const [refusedFor, setRefusedFor] = useState<string | null>(null);
  const isNew = refusedFor !== null && refusedFor !== pause.review;
  const resume = async (reason: string): Promise<void> => {
    const path = `/v1/pauses/${pause.id}/resumption`;
    const came = await sending.send(path, { method: 'POST', body: { reason } }, async ({ code }) => {
      if (code !== 'fresh_review_missing') return false;
      setRefusedFor(pause.review);
      // A review that was rejected or ran out is replaced by that press.
      await renewPauses();
      return pause.review_outcome != null;
    });
    if (came !== null) await renewPauses();
  };
  return (
    <li class="pause" ref={box}>
      <p>
        <b>{pausedWords(pause)} is paused</b> since <At at={pause.started_at} />
        {pause.started_by?.name && `, by ${pause.started_by.name}`}.
      </p>
      <Quote text={pause.reason} />
      <p class="setting__help">
        It goes on once its review was approved by a person, and somebody of the on-call team or governance resumes it.
      </p>
      {pause.review_outcome && <Reviewed outcome={pause.review_outcome} />}
      {isNew && pause.review !== null && (
        <Notice title="It stays paused: its last review was not approved.">
          A new review was opened just now. <a href={caseAddress(pause.review)}>Open the new review</a>, have it
          approved by a person, then press again. What you wrote is kept.
        </Notice>
      )}
      <div class="pause__ways">
        {pause.review !== null && (
          <a class="button button--plain" href={caseAddress(pause.review)}>
            Open its review
          </a>
        )}
        {!may && <span class="setting__help">You may not resume it yourself.</span>}
        {may && !open && <GuardedButton onPress={() => setOpen(true)}>Resume…</GuardedButton>}
      </div>
      {open && (
        <ReasonForm
          title="Resume"
          ask="What was found, and why is it safe to go on?"
          submit="Resume now"
          busy={sending.busy}
          trouble={sending.trouble}
          onSubmit={(reason) => void resume(reason)}
          onCancel={() => {
            sending.clear();
            setOpen(false);
          }}
        />
      )}
    </li>
  );
}

/** What became of the review, said before anybody presses. */
function Reviewed({ outcome }: { outcome: NonNullable<Pause['review_outcome']> }): JSX.Element {
  const { state, at, by, rationale } = outcome;
  const who = by?.name ?? 'Handoff';
  return (
    <>
      <p>
        <b>
          {state === 'approved' || state === 'modified' ? (
            <>
              <Seen text={who} /> approved its review
            </>
          ) : state === 'rejected' ? (
            <>
              <Seen text={who} /> rejected its review
            </>
          ) : (
            'Its review ended without an answer'
          )}
        </b>
        , <At at={at} />
        {rationale ? ':' : '.'}
      </p>
      {rationale && <Quote text={rationale} />}
    </>
  );
}

type Scope = 'workflow' | 'model' | 'all';

/** Stops what goes through by itself, at once: held or typed, with a sentence why (rows H6, R-CONT-06, R-CONT-07). */
export function PauseSomething({ workflowId }: { workflowId: string | null }): JSX.Element | null {
  const { session, pauses, renewPauses } = useApp();
  const [open, setOpen] = useState(false);
  const [done, setDone] = useState(false);
  const [scope, setScope] = useState<Scope>(workflowId === null ? 'all' : 'workflow');
  const [model, setModel] = useState('');
  const sending = useSending();
  const box = useFocusBack<HTMLElement>(open);
  if (!session?.reviewer.roles.some((role) => MAY_PAUSE.includes(role))) return null;
  /** What is paused as a whole cannot be paused again; what stands above says so. */
  const isPaused = pauses.some((pause) => pause.all || (workflowId !== null && pausesWhole(pause, workflowId)));
  const lacksModel = scope === 'model' && model.trim() === '';
  const pause = async (reason: string): Promise<void> => {
    const body =
      scope === 'all'
        ? { all: true, reason }
        : {
            ...(workflowId !== null && { workflow_id: workflowId }),
            ...(scope === 'model' && { model_version: model.trim() }),
            reason,
          };
    if ((await sending.send('/v1/pauses', { method: 'POST', body })) === null) return;
    setOpen(false);
    setDone(true);
    await renewPauses();
  };
  const choice = (value: Scope, words: string): JSX.Element => (
    <label class="choice">
      <input type="radio" name="pause-scope" checked={scope === value} onChange={() => setScope(value)} />
      {words}
    </label>
  );
  if (isPaused && !open) return null;
  return (
    <section class="pausing" ref={box} aria-label="Pause" data-open={open || done}>
      {done && <Notice title="Paused.">Nothing of it goes through by itself until somebody resumes it.</Notice>}
      {open ? (
        <ReasonForm
          title="Pause at once"
          ask="Why? Everybody sees it on every page."
          submit={scope === 'all' ? 'Pause everything' : 'Pause'}
          word="pause"
          busy={sending.busy || lacksModel}
          trouble={lacksModel ? ['Say which model version.'] : sending.trouble}
          onSubmit={(reason) => void pause(reason)}
          onCancel={() => {
            sending.clear();
            setOpen(false);
          }}
        >
          <p>
            From then on nothing goes through or is sent by itself; each case asks a person. A review is opened, and
            only its approval lets somebody resume.
          </p>
          <fieldset class="choices">
            <legend>What</legend>
            {workflowId !== null && choice('workflow', 'This workflow')}
            {choice(
              'model',
              workflowId === null ? 'One model version, in every workflow' : 'One model version in this workflow',
            )}
            {scope === 'model' && (
              <input
                class="input"
                aria-label="Model version"
                placeholder="Version"
                value={model}
                onInput={({ currentTarget }) => setModel(currentTarget.value)}
              />
            )}
            {choice('all', 'Everything, in every workflow')}
          </fieldset>
        </ReasonForm>
      ) : (
        <Button
          onPress={() => {
            setDone(false);
            setOpen(true);
          }}
        >
          {workflowId === null ? 'Pause everything…' : 'Pause this workflow…'}
        </Button>
      )}
    </section>
  );
}

function pausesWhole({ workflow_id, model_version }: Pause, workflowId: string): boolean {
  return workflow_id === workflowId && model_version === null;
}

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Live } from '../../../api/types';
import { useApp } from '../../../context';
import { useNow } from '../../../hooks/use-now';
import { Button } from '../../../parts/button';
import { At } from '../../../parts/deadline';
import { later } from '../../../parts/later';
import { Quote, Seen } from '../../../parts/quote';
import { sameJson } from '../../../trust/canonical';
import { deliveryWords } from '../../../words/delivery';
import { decides } from '../acts/acts';
import type { Acting } from '../acts/use-act';
import { FilledIn } from '../guide/later-filled-in';
import type { Ready } from '../live/use-case';
import { consequenceWords, outcomeWords } from './outcome-words';
import { Next } from './next';
import { Progress } from './progress';
import { Receipt } from './receipt';
import { Undo } from './undo';

const RollBack = later(() => import('./roll-back').then(({ RollBack: found }) => found));

/** What was decided, whether the workflow knows, the receipt, and the next case. */
export function Outcome({ ready, acting }: { ready: Ready; acting: Acting }): JSX.Element {
  const { live } = ready;
  const { session } = useApp();
  const me = session?.reviewer.id ?? null;
  const { sending } = acting;
  const isMine = sending.step === 'done' && decides(sending.kind);
  const wasLate = sending.step === 'done' && sending.late;
  const delivery = deliveryWords(live, useNow() - Date.parse(live.decided_at ?? live.created_at));
  const reason = live.reason_codes.find(({ code }) => code === live.decision?.reason_code)?.label;
  return (
    <div class="outcome" data-state={live.state}>
      <h2 class="outcome__title">
        <Mark state={live.state} /> {outcomeWords(live, me)}
        {live.decided_at !== null && (
          <>
            {' '}
            at <At at={live.decided_at} />
          </>
        )}
        .
      </h2>
      {wasLate && isMine && <p>Your decision had arrived, although the connection broke.</p>}
      {sending.step === 'refused' && <p>{sending.message}</p>}
      {(sending.step === 'checking' || sending.step === 'lost') && <Progress live={live} acting={acting} />}
      {consequenceWords(live) !== '' && <p>{consequenceWords(live)}</p>}
      {reason !== undefined && (
        <p class="outcome__reason">
          Reason: <Seen text={reason} />
        </p>
      )}
      {live.decision?.rationale && <Quote text={live.decision.rationale} />}
      <Undo live={live} acting={acting} />
      {live.undo == null && live.state !== 'rolled_back' && (live.delivery !== null || live.approved !== null) && (
        <p class="delivery" data-tone={delivery.tone} role={delivery.tone === 'alarm' ? 'alert' : 'status'}>
          {delivery.text}
        </p>
      )}
      <Next live={live} focus={isMine} />
      <Filled live={live} me={me} />
      <Receipt live={live} me={me} />
      <TakeBack live={live} acting={acting} />
    </div>
  );
}

/** What went along with the approval, and what of it was corrected, as the record has it (R-UI-22). */
function Filled({ live, me }: { live: Live; me: string | null }): JSX.Element | null {
  const { decision, response_form, first_approval, decided_by } = live;
  if (!response_form || !decision?.response) return null;
  // The second agrees to what the first filled in, as it stands; an edit of theirs comes with answers of their own.
  const agreed = sameJson(first_approval?.response ?? null, decision.response);
  const by = (agreed && first_approval?.by) || decided_by;
  return <FilledIn form={response_form} given={{ ...decision, by }} me={me} />;
}

/** Colour only after a person decided, and never without its sign and word. */
function Mark({ state }: { state: string }): JSX.Element {
  const sign = { approved: '✓', modified: '✓', rejected: '✕' }[state] ?? '–';
  return (
    <span class="outcome__mark" aria-hidden="true">
      {sign}
    </span>
  );
}

/** Folded, because a decision is final. */
function TakeBack({ live, acting }: { live: Live; acting: Acting }): JSX.Element | null {
  const [open, setOpen] = useState(false);
  const offered = live.actions.find(({ action }) => action === 'roll_back');
  if (offered?.allowed !== true) return null;
  if (!open)
    return <Button onPress={() => void RollBack.preload().then(() => setOpen(true))}>Take this approval back</Button>;
  return <RollBack live={live} acting={acting} onCancel={() => setOpen(false)} />;
}

import type { JSX } from 'preact';
import type { Row } from '../../api/types';
import { useApp } from '../../context';
import { humanise } from '../../content/humanise';
import { Ago, At, TimeLeft } from '../../parts/deadline';
import { Seen } from '../../parts/quote';
import { caseAddress } from '../../route';
import { percentWords } from '../../words/confidence';
import { RISK_WORDS } from '../../words/item';
import { FLAG_WORDS, OUTCOME_WORDS } from './row-words';
import { isOpen } from '../case/outcome-words';

/** Rows: question, workflow, why it waits, what is at stake, age, time left, owner. */
export function Rows({ rows, decided = false }: { rows: Row[]; decided?: boolean }): JSX.Element {
  return (
    <div class="rows">
      <div class="rows__head" aria-hidden="true">
        <span>Question</span>
        <span>{decided ? 'Outcome' : 'Why it waits'}</span>
        <span>At stake</span>
        <span>Age</span>
        <span>{decided ? 'Decided' : 'Time left'}</span>
        <span>{decided ? 'By' : 'Owner'}</span>
      </div>
      <ol class="rows__list">
        {rows.map((row) => (
          <RowView key={row.id} row={row} />
        ))}
      </ol>
    </div>
  );
}

function RowView({ row }: { row: Row }): JSX.Element {
  const { session } = useApp();
  const open = isOpen(row);
  const owner = open ? row.claim?.by : row.decided_by;
  const ownerName = owner && owner.id === session?.reviewer.id ? 'You' : owner?.name;
  return (
    <li class="row" data-state={row.state}>
      <div class="row__what">
        <a class="row__link" href={caseAddress(row.id)}>
          <Seen text={row.question} />
        </a>
        <span class="row__where">
          {humanise(row.workflow_id)}
          {row.title !== row.question && (
            <>
              {' · '}
              <Seen text={row.title} />
            </>
          )}
        </span>
      </div>
      <div class="row__why">
        <Why row={row} />
      </div>
      <div class="row__stake" data-risk={row.risk_tier}>
        {RISK_WORDS[row.risk_tier]}
        {row.impact && (
          <span class="row__impact">
            <Seen text={row.impact} />
          </span>
        )}
      </div>
      <div class="row__age">
        <span class="unseen">Asked </span>
        <Ago at={row.created_at} />
        <span class="row__ago"> ago</span>
      </div>
      <div class="row__left">
        {open ? (
          <>
            <span class="unseen">Time left: </span>
            <TimeLeft at={row.expires_at} />
          </>
        ) : (
          row.decided_at !== null && <At at={row.decided_at} />
        )}
      </div>
      <div class="row__owner" data-nobody={ownerName === undefined || ownerName === null}>
        <span class="unseen">{open ? 'Owner: ' : 'By '}</span>
        {ownerName ?? (open ? <span class="nothing">nobody yet</span> : 'Handoff')}
      </div>
    </li>
  );
}

/** Chips: why it waits, or what became of it. */
function Why({ row }: { row: Row }): JSX.Element {
  const outcome = OUTCOME_WORDS[row.state];
  if (outcome !== undefined) {
    return (
      <span class="chip" data-state={row.state}>
        {outcome}
      </span>
    );
  }
  const reasons = (row.stop_reasons ?? []).filter(({ kind }) => kind !== 'confidence');
  const sureness = row.confidence === null ? 'confidence unknown' : `${percentWords(row.confidence)} sure`;
  return (
    <>
      <span class="chip">{sureness}</span>
      {reasons
        .filter(({ code }) => code !== 'confidence_missing')
        .map(({ code }) => (
          <span key={code} class="chip">
            {FLAG_WORDS[code] ?? humanise(code).toLowerCase()}
          </span>
        ))}
      {row.reviewer_level > 1 && <span class="chip">level {row.reviewer_level}</span>}
      {row.state === 'awaiting_information' && <span class="chip">question open</span>}
      {row.state === 'awaiting_second_review' && <span class="chip">needs a second yes</span>}
    </>
  );
}

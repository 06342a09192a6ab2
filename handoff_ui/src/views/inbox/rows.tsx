import type { ComponentChildren, JSX } from 'preact';
import type { ListedRow } from '../../api/desk-types';
import { useApp } from '../../context';
import { humanise } from '../../content/humanise';
import { Seen } from '../../parts/quote';
import { batchAddress, caseAddress } from '../../route';
import { RISK_WORDS } from '../../words/item';
import { isOpen } from '../../words/standing';
import { alikeIn } from './alike';
import { Age, DecidedAt, TimeLeft } from './times';
import { Why } from './why';

interface RowsProps {
  rows: ListedRow[];
  decided?: boolean;
  /** Those that wait no more. */
  gone?: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/** Rows: question, workflow, why it waits, what is at stake, age, time left, owner. */
export function Rows({ rows, decided = false, gone = NONE }: RowsProps): JSX.Element {
  const { session } = useApp();
  const me = session?.reviewer.id;
  const alike = alikeIn(rows, me);
  return (
    <>
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
          <RowView key={row.id} row={row} me={me} alike={alike.get(row.id) ?? 0} isGone={gone.has(row.id)} />
        ))}
      </ol>
    </>
  );
}

interface RowProps {
  row: ListedRow;
  me: string | undefined;
  alike: number;
  isGone: boolean;
}

function RowView({ row, me, alike, isGone }: RowProps): JSX.Element {
  const open = isOpen(row);
  return (
    <li class="row" data-state={row.state} data-gone={isGone} data-id={row.id}>
      <div class="row__what">
        <a class="row__link" href={caseAddress(row.id)}>
          <Seen text={row.question} />
        </a>
        <span class="row__where">
          <Seen text={humanise(row.workflow_id)} />
          {row.title !== row.question && (
            <>
              {' · '}
              <Seen text={row.title} />
            </>
          )}
        </span>
        {alike > 1 && (
          <a class="row__alike" href={batchAddress(row.id)}>
            Decide {alike} similar ones together
          </a>
        )}
      </div>
      <div class="row__why">{isGone ? <span class="chip">waits no more</span> : <Why row={row} />}</div>
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
        <Age at={row.created_at} />
        <span class="row__ago"> ago</span>
      </div>
      <div class="row__left">
        {open ? (
          <>
            <span class="unseen">Time left: </span>
            <TimeLeft row={row} />
          </>
        ) : (
          row.decided_at !== null && <DecidedAt at={row.decided_at} />
        )}
      </div>
      <Owner row={row} me={me} open={open} />
    </li>
  );
}

/** Whose case it is: who has it open right now, else who looks after it; of a decided one, who decided. */
function Owner({ row, me, open }: { row: ListedRow; me: string | undefined; open: boolean }): JSX.Element {
  const person = open ? (row.claim?.by ?? row.assignee) : row.decided_by;
  const name = person && person.id === me ? 'You' : person?.name;
  const nobody = (words: string): ComponentChildren => <span class="nothing">{words}</span>;
  return (
    <div class="row__owner" data-nobody={!name}>
      <span class="unseen">{open ? 'Owner: ' : 'By '}</span>
      {name ? <Seen text={name} /> : open ? nobody('nobody yet') : 'Handoff'}
      {open && row.claim !== null && nobody(name === 'You' ? ' have it now' : ' has it now')}
    </div>
  );
}

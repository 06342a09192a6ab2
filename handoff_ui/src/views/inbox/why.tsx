import type { JSX } from 'preact';
import type { ListedRow } from '../../api/desk-types';
import { humanise } from '../../content/humanise';
import { Seen } from '../../parts/quote';
import { percentWords } from '../../words/confidence';
import { FLAG_WORDS, OUTCOME_WORDS, SAID_ELSEWHERE } from './row-words';

/** Chips: what kind of issue it is, why it waits and at which stage, or what became of it. */
export function Why({ row }: { row: ListedRow }): JSX.Element {
  const outcome = OUTCOME_WORDS[row.state];
  if (outcome !== undefined) {
    return (
      <span class="chip" data-state={row.state}>
        {outcome}
      </span>
    );
  }
  const reasons = (row.stop_reasons ?? []).filter(
    ({ kind, code }) => kind !== 'confidence' && !SAID_ELSEWHERE.has(code),
  );
  return (
    <>
      {row.category && (
        <span class="chip chip--issue">
          <span class="unseen">Issue: </span>
          <Seen text={humanise(row.category)} />
        </span>
      )}
      {stageWords(row).map((words) => (
        <span key={words} class="chip chip--stage">
          {words}
        </span>
      ))}
      <span class="chip">
        {row.confidence === null ? 'confidence unknown' : `${percentWords(row.confidence)} sure`}
      </span>
      {reasons.map(({ code }) => (
        <span key={code} class="chip">
          {FLAG_WORDS[code] ?? humanise(code).toLowerCase()}
        </span>
      ))}
    </>
  );
}

/** Where the case stands on its way, where that is not simply its first review. */
function stageWords(row: ListedRow): string[] {
  const words = [];
  if (row.stage === 'triage') words.push('to be sorted');
  if (row.state === 'awaiting_second_review') words.push('second review');
  if (row.state === 'awaiting_information') words.push('question open');
  if (row.reviewer_level > 1) words.push(`level ${row.reviewer_level}`);
  return words;
}

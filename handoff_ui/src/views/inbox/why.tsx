import type { JSX } from 'preact';
import type { ListedRow } from '../../api/desk-types';
import { humanise } from '../../content/humanise';
import { Seen } from '../../parts/quote';
import { percentWords } from '../../words/confidence';
import { OUTCOME_WORDS, reasonWords } from './row-words';

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
  const { shown, more } = reasonWords(row.stop_reasons ?? []);
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
      {/* Of what stands still no model said how sure it is. */}
      {!row.subject?.startsWith('pa_') && (
        <span class="chip">
          {row.confidence === null ? 'confidence unknown' : `${percentWords(row.confidence)} sure`}
        </span>
      )}
      {shown.map((words) => (
        <span key={words} class="chip">
          {words}
        </span>
      ))}
      {more > 0 && (
        <span class="chip">
          +{more}
          <span class="unseen"> more reasons</span>
        </span>
      )}
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

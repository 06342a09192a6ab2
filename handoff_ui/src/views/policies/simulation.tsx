import type { JSX } from 'preact';
import type { Report } from '../../api/policy-types';
import { count } from '../../content/reading';
import { Examples } from './examples';
import { FromFile, type ItemsFile } from './from-file';
import { Lanes, QueuePerDay } from './lanes';
import { DAYS, isOfFile, type Simulated } from './use-simulation';

interface SimulationProps {
  workflowId: string;
  simulated: Simulated;
  isChanged: boolean;
  file: ItemsFile | null;
  onFile: (file: ItemsFile | null) => void;
}

/** Beside the rules: what they would have done to the last 30 days, or to the items of a file. */
export function Simulation({ workflowId, simulated, isChanged, file, onFile }: SimulationProps): JSX.Element {
  const { report } = simulated;
  // Of rules that cannot be used nothing is said: the last answer was about others.
  const shown = simulated.step === 'refused' ? null : report;
  return (
    <aside class="simulation" aria-label="What these rules would have done" data-busy={simulated.step === 'working'}>
      <div class="simulation__head">
        <h2>What these rules would have done</h2>
        <p class="simulation__status" role="status">
          {statusWords(simulated, file)}
        </p>
      </div>
      {shown === null && (simulated.step === 'working' || report !== null) && <div class="simulation__room" />}
      {shown !== null && shown.items === 0 && (
        <p class="simulation__empty">
          {file === null
            ? `No case came in the last ${DAYS} days, so there is nothing to try these rules on yet. `
            : 'The file has no item that these rules can be tried on. '}
          Open a file of past items below.
        </p>
      )}
      {shown !== null && shown.items > 0 && <Findings report={shown} isChanged={isChanged} />}
      <FromFile workflowId={workflowId} file={file} onFile={onFile} />
    </aside>
  );
}

function statusWords(simulated: Simulated, file: ItemsFile | null): string {
  const { step, report } = simulated;
  if (step === 'refused') {
    const inFile = simulated.problems.find(({ path }) => isOfFile(path));
    if (inFile === undefined) return 'These rules cannot be used as they are; see what is marked.';
    return `Item ${Number(inFile.path.split('.')[1]) + 1} of the file cannot be used. ${inFile.sentence}`;
  }
  if (step === 'unreachable') return 'This cannot be worked out right now. Your numbers are kept.';
  if (step === 'working') return 'Working it out…';
  const what = report === null ? '' : count(report.items, 'case');
  return file === null ? `Over the last ${DAYS} days: ${what}.` : `Over ${what} of ${file.name}.`;
}

function Findings({ report, isChanged }: { report: Report; isChanged: boolean }): JSX.Element {
  const { changed, items, wrongly_approved: wrongly, wrongly_approved_before: before, unknown = 0 } = report;
  return (
    <>
      <p class="simulation__answer">
        {changed === 0 ? (
          isChanged ? (
            'No case would have gone another way.'
          ) : (
            'This is what the saved rules do.'
          )
        ) : (
          <>
            <b class="simulation__number">{changed.toLocaleString('en')}</b> of {items.toLocaleString('en')} cases would
            have gone another way.
          </>
        )}
      </p>
      <p class="legend" aria-hidden="true">
        <span class="legend__now">now</span>
        <span class="legend__then">with these rules</span>
      </p>
      <Lanes report={report} />
      <QueuePerDay days={report.per_day} />
      <p class="simulation__wrong" data-more={wrongly > (before ?? 0)}>
        {wrongly === 0 && !before ? (
          'No case that a person refused or corrected would have gone through by itself.'
        ) : (
          <>
            <b>{count(wrongly, 'decided case')}</b> would have gone through although a person had refused or corrected{' '}
            {wrongly === 1 ? 'it' : 'them'}
            {before !== undefined && isChanged && `; ${before.toLocaleString('en')} with the saved rules`}.
          </>
        )}
      </p>
      {unknown > 0 && (
        <p class="setting__help">Of {count(unknown, 'case')} too little was kept to say where they would have gone.</p>
      )}
      <Examples examples={report.examples} />
    </>
  );
}

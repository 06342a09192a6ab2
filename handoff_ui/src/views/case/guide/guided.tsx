import type { JSX } from 'preact';
import type { Live } from '../../../api/types';
import type { Acting } from '../acts/use-act';
import type { Controls } from '../controls/use-controls';
import { Checklist } from './checklist';
import { Evidence } from './evidence';
import { TriageForm } from './triage-form';

interface GuidedProps {
  live: Live;
  controls: Controls;
  acting: Acting;
}

/** What only some cases ask for: sorting, a checklist. Loaded with those cases only. */
export function Guided({ live, controls, acting }: GuidedProps): JSX.Element {
  const { checks, busy } = controls;
  if (live.stage === 'triage') {
    return live.triage ? <TriageForm live={live} triage={live.triage} acting={acting} busy={busy} /> : <></>;
  }
  return (
    <>
      {checks.gates.length > 0 && <Checklist checks={checks} off={busy} />}
      {checks.gates.some(({ items }) =>
        items.some(({ item, given }) => item.check === 'evidence' && given !== null),
      ) && <Evidence controls={controls} required={checks.toShow !== null} of={checks.toShow} />}
    </>
  );
}

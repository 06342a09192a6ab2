import type { JSX } from 'preact';
import { ActForm } from '../acts/act-form';
import { formWords } from '../acts/form-words';
import type { Acting } from '../acts/use-act';
import type { Live } from '../../../api/types';
import { takeBackWords } from './take-back-words';

interface RollBackProps {
  live: Live;
  acting: Acting;
  onCancel: () => void;
}

/** A decision is final: what is taken back needs a reason and a sentence. */
export function RollBack({ live, acting, onCancel }: RollBackProps): JSX.Element {
  const busy = acting.sending.step === 'sending' || acting.sending.step === 'checking';
  return (
    <>
      <ActForm
        words={formWords('roll_back', '', true)}
        reasonCodes={live.reason_codes}
        confirmWord={null}
        blocked={null}
        busy={busy}
        onSubmit={({ reasonCode, text }) => acting.send({ kind: 'roll_back', reasonCode, rationale: text })}
        onCancel={onCancel}
      />
      <p>{takeBackWords(live)}</p>
    </>
  );
}

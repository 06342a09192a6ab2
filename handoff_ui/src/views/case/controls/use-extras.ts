import { useCallback, useState } from 'preact/hooks';
import { useKept } from '../../../hooks/use-kept';
import type { Json } from '../../../trust/strict-json';
import type { More } from '../acts/acts';

/** What can be said along with an answer, beside reason and sentence. Kept while forms open and close. */
export interface Extras {
  /** With an approval, where no reason is asked for. */
  comment: string;
  urgency: string;
  feasible: 'yes' | 'no' | '';
  evidence: { title: string; text: string };
  mark: 'false_positive' | 'false_negative' | '';
  /** An escalation target; null for the next level. */
  target: string | null;
  /** What the form of the workflow holds, and what is wrong with it; null until it was filled from the item. */
  response: { value: Record<string, Json>; faults: string[] } | null;
}

/** Nothing said. */
export const NOTHING: Omit<Extras, 'response'> = {
  comment: '',
  urgency: '',
  feasible: '',
  evidence: { title: '', text: '' },
  mark: '',
  target: null,
};

export interface ExtrasState {
  extras: Extras;
  set: (changes: Partial<Omit<Extras, 'response'>>) => void;
  /** Takes over what the form of the workflow holds, which keeps by itself what a person typed there. */
  fill: (response: Extras['response']) => void;
}

export function useExtras(): ExtrasState {
  const [said, setSaid] = useKept('extras', NOTHING);
  const set = useCallback(
    (changes: Partial<typeof NOTHING>): void =>
      // The very same again, so that it is known as nothing typed.
      setSaid((before) => (changes === NOTHING ? NOTHING : { ...before, ...changes })),
    [setSaid],
  );
  const [response, fill] = useState<Extras['response']>(null);
  return { extras: { ...said, response }, set, fill };
}

/** Urgency and whether the time is enough, where somebody said so (R-ACT-16). */
export function urgencyOf({ urgency, feasible }: Extras): More {
  return {
    ...(urgency.trim() !== '' && { urgency: urgency.trim() }),
    ...(feasible !== '' && { sla_feasible: feasible === 'yes' }),
  };
}

export function evidenceOf({ evidence: { title, text } }: Extras): More {
  if (title.trim() === '') return {};
  return { evidence: [{ title: title.trim(), ...(text.trim() !== '' && { text: text.trim() }) }] };
}

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

const NOTHING: Extras = {
  comment: '',
  urgency: '',
  feasible: '',
  evidence: { title: '', text: '' },
  mark: '',
  target: null,
  response: null,
};

export interface ExtrasState {
  extras: Extras;
  set: (changes: Partial<Extras>) => void;
}

export function useExtras(): ExtrasState {
  const [extras, setExtras] = useKept('extras', NOTHING);
  return { extras, set: (changes) => setExtras((before) => ({ ...before, ...changes })) };
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

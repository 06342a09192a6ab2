import { useCallback, useState } from 'preact/hooks';
import type { Gate, GateAnswer, GateItem, Live } from '../../../api/types';
import type { Json } from '../../../trust/strict-json';
import { takeRestored, useCurrent } from '../../../hooks/use-kept';
import { isOpen } from '../../../words/standing';
import type { Answered } from '../acts/acts';

interface Given {
  result: GateAnswer;
  note: string;
}

/** A gate as it stands on the screen: what the companion knows, and what was ticked here and not sent yet. */
export interface Checked {
  gate: Gate;
  /** Answered by this person, now: what came before it has passed. */
  open: boolean;
  items: { item: GateItem; given: Given | null; result: GateAnswer | null }[];
  passed: boolean;
}

export interface Checks {
  gates: Checked[];
  answer: (gate: string, item: string, changes: Partial<Given>) => void;
  /** What was answered here, as it is sent. */
  answers: Answered[];
  /** Titles of what failed, whoever found it. */
  failed: string[];
  /** Whether a failure is new: only that sends a case up or back. */
  sendsBack: boolean;
  /** A failure that the case was sent up for before. */
  sentFor: GateItem | null;
  /** How many items nobody answered yet. */
  unanswered: number;
  /** The title of a check that was passed here and that nothing shows yet: the companion takes it with evidence only. */
  toShow: string | null;
  /** Whether something is left that this person may answer, or send. */
  mine: boolean;
  /** Whether they are asked once more, for an edit. */
  anew: boolean;
  clear: () => void;
}

/** The gates that count for the review that a case is in: all of them where there is one review only. */
export function gatesOf(live: Live): Gate[] {
  const gates = live.gates ?? [];
  if (!live.second_review) return gates;
  // Of an edit nothing was checked yet: the second of two begins where the first did.
  if (live.second_review.first_action === 'modify') return gates;
  const review = live.state === 'awaiting_second_review' ? 2 : 1;
  return gates.filter((gate) => gate.review === review);
}

type Ticked = ReadonlyMap<string, Given>;

const keyOf = (gate: string, item: string): string => `${gate}\n${item}`;

/** Gates one after the other: the next opens once the one before has passed, here or at the companion (R-GATE-06). `anew`: what was answered before counts for nothing. */
export function checkedGates(gates: Gate[], ticked: Ticked, anew = false): Checked[] {
  let allPassed = true;
  return gates.map((gate) => {
    const open = allPassed && gate.may_answer;
    const items = gate.items.map((known) => {
      const item =
        anew && known.check !== 'policy_version' ? { ...known, result: null, note: null, by: null, at: null } : known;
      const given = item.check === 'policy_version' ? null : (ticked.get(keyOf(gate.id, item.id)) ?? null);
      return { item, given, result: given?.result ?? item.result };
    });
    const passed = items.every(({ result }) => result === 'pass' || result === 'not_applicable');
    allPassed &&= passed;
    return { gate, open, items, passed };
  });
}

function needsEvidence({ item, given }: Checked['items'][number]): boolean {
  return item.check === 'evidence' && given?.result === 'pass' && given.note.trim() === '';
}

/** Answered here and now; the check that Handoff answers itself is always of now. */
function isNew({ item, given }: Checked['items'][number]): boolean {
  return given !== null || item.check === 'policy_version';
}

const NONE: Ticked = new Map();
const UNTICKED = { shown: NONE, edit: null, edited: NONE };

/**
 * The checklist of a case, answered item by item: pass, fail or not applicable, and nothing by default (R-UI-19).
 * An edit is checked from the beginning, and again whenever it changes; what was answered of the original stays with it.
 */
export function useChecks(live: Live, edit: Json): Checks {
  const anew = edit !== null;
  const [given, setGiven] = useState<{ shown: Ticked; edit: Json; edited: Ticked }>(() => ({
    ...UNTICKED,
    shown: new Map(takeRestored<[string, Given][]>('checks')),
  }));
  // Those of an edit belong to its very text: they are asked again.
  useCurrent('checks', given.shown.size === 0 ? null : [...given.shown]);
  const clear = useCallback((): void => setGiven(UNTICKED), []);
  const ticked = !anew ? given.shown : given.edit === edit ? given.edited : NONE;
  const gates = isOpen(live) && live.stage !== 'triage' ? checkedGates(gatesOf(live), ticked, anew) : [];
  const items = gates.flatMap(({ gate, items: all }) => all.map((each) => ({ gate, ...each })));
  const failed = items.filter(({ result }) => result === 'fail');
  return {
    gates,
    answer: (gate, item, changes) =>
      setGiven((before) => {
        const key = keyOf(gate, item);
        const was = !anew ? before.shown : before.edit === edit ? before.edited : NONE;
        const now = new Map(was).set(key, { result: 'pass', note: '', ...was.get(key), ...changes });
        return anew ? { ...before, edit, edited: now } : { ...before, shown: now };
      }),
    answers: items.flatMap(({ gate, item, given }) =>
      given === null
        ? []
        : [
            {
              gate: gate.id,
              item: item.id,
              result: given.result,
              ...(given.note.trim() !== '' && { note: given.note.trim() }),
            },
          ],
    ),
    failed: failed.map(({ item }) => item.title),
    sendsBack: failed.some(isNew),
    sentFor: failed.find((each) => !isNew(each))?.item ?? null,
    unanswered: items.filter(({ result }) => result === null).length,
    toShow: items.find(needsEvidence)?.item.title ?? null,
    mine: gates.some(
      ({ gate, items: all }) =>
        gate.may_answer &&
        all.some(({ item, given }) => given !== null || item.result === null || item.result === 'fail'),
    ),
    anew: anew && gates.length > 0,
    clear,
  };
}

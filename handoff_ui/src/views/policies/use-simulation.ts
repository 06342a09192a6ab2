import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Answer } from '../../api/client';
import type { JsonObject, Report } from '../../api/policy-types';
import { useApp } from '../../context';
import { policyPath } from './use-policy';

export type Simulated =
  | { step: 'working'; report: Report | null }
  | { step: 'ready'; report: Report }
  /** The document cannot be used as it is; each problem with the setting it belongs to, where there is one. */
  | { step: 'refused'; problems: PolicyFault[]; report: Report | null }
  | { step: 'unreachable'; report: Report | null };

export interface PolicyFault {
  /** Names joined by dots, as settings have it. */
  path: string;
  sentence: string;
}

export const DAYS = 30;
const REST_MS = 350;
const RETRY_MS = 5_000;
const UNUSABLE = new Set([400, 413, 422]);

/**
 * What `document` would have done, beside `version`, which is active, to the last 30 days or to `items`. It is asked once
 * the hand rests, one question at a time: the newest one waits for the one before, and those between are never sent.
 */
export function useSimulation(
  workflowId: string,
  version: number,
  document: JsonObject,
  items: JsonObject[] | null,
): Simulated {
  const { client } = useApp();
  const text = JSON.stringify(document);
  const question = useMemo(() => ({ workflowId, version, text, items }), [workflowId, version, text, items]);
  const [answered, setAnswered] = useState<Answered>({ question: null, simulated: { step: 'working', report: null } });
  const [tries, setTries] = useState(0);
  const running = useRef(false);
  const first = useRef(true);
  useLayoutEffect(() => {
    let over = false;
    const ask = async (): Promise<void> => {
      if (over) return;
      if (running.current) return void setTimeout(() => void ask(), REST_MS);
      running.current = true;
      const body = { document: JSON.parse(question.text) as JsonObject, days: DAYS, items: question.items };
      const path = policyPath(question.workflowId, 'simulations');
      const answer = await client.send<Report>(path, { method: 'POST', body });
      running.current = false;
      if (over) return;
      first.current = false;
      setAnswered(({ simulated: { report } }) => ({ question, simulated: simulatedBy(answer, report) }));
      if (answer.kind === 'unreachable') timer = setTimeout(() => setTries((before) => before + 1), RETRY_MS);
    };
    let timer = setTimeout(() => void ask(), first.current ? 0 : REST_MS);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [client, question, tries]);
  // An answer to another question is no answer: what saving would do must not be read off it, not even for a moment.
  if (answered.question !== question) return { step: 'working', report: answered.simulated.report };
  return answered.simulated;
}

interface Answered {
  /** What the answer is to; another object for each question. */
  question: object | null;
  simulated: Simulated;
}

function simulatedBy(answer: Answer<Report>, report: Report | null): Simulated {
  if (answer.kind === 'ok') return { step: 'ready', report: answer.data };
  if (answer.kind === 'problem' && UNUSABLE.has(answer.problem.status)) {
    return { step: 'refused', problems: faultsOf(answer.problem), report };
  }
  return { step: 'unreachable', report };
}

/** The faults that a refusal names, in plain words; the refusal's own sentence where it names none. */
export function faultsOf(problem: {
  detail: string;
  field?: string;
  problems?: unknown;
  errors?: unknown;
}): PolicyFault[] {
  const named = Array.isArray(problem.problems) ? problem.problems : [];
  const faults = named.flatMap((one: unknown) => {
    const { pointer = '', sentence } = (one ?? {}) as { pointer?: string; sentence?: string };
    return typeof sentence === 'string' ? [{ path: pathOf(pointer), sentence }] : [];
  });
  return faults.length > 0 ? faults : [{ path: pathOf(problem.field ?? ''), sentence: problem.detail }];
}

/** Whether a fault lies in an item of the file and not in the rules. */
export function isOfFile(path: string): boolean {
  return path.startsWith('items.');
}

/** `/document/thresholds/a` and `/thresholds/a` → "thresholds.a". */
function pathOf(pointer: string): string {
  return pointer
    .replace(/^\//, '')
    .replace(/^document(\/|\.|$)/, '')
    .replaceAll('/', '.');
}

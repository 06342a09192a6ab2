import { now_ms } from '../api/clock';
import type { GateAnswer, GateItem } from '../api/types';
import { spelled } from '../content/reading';
import { timeWords } from './time';

export const ANSWER_WORDS: Record<GateAnswer, string> = {
  pass: 'Pass',
  fail: 'Fail',
  not_applicable: 'Not applicable',
};

/** Why a case came up: a failure goes up once, and whoever sees it next says what follows. */
export function sentForWords({ title, by, at }: GateItem, mayAnswer: boolean): string {
  const who = spelled(by?.name ?? 'somebody');
  const when = at === null ? '' : `, ${timeWords(Date.parse(at), now_ms())}`;
  const ways = `${mayAnswer ? 'answer that check again, ' : ''}reject it, or hand it on`;
  return `“${spelled(title)}” failed (${who}${when}). It was sent up for that: ${ways}.`;
}

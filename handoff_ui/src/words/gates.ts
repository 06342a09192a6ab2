import type { GateAnswer } from '../api/types';

export const ANSWER_WORDS: Record<GateAnswer, string> = {
  pass: 'Pass',
  fail: 'Fail',
  not_applicable: 'Not applicable',
};

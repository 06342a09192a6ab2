/** Lanes and stages of the rules as a person says them. */
export const LANE_WORDS: Record<string, string> = {
  auto_approve: 'Goes through by itself',
  human_review: 'A person decides',
  specialist_review: 'A specialist decides',
  reject: 'Rejected by rule',
  stop_the_line: 'Stops the line',
};

export const STAGE_WORDS: Record<string, string> = {
  stop_the_line: 'Must everything stop?',
  hard_block: 'Is it forbidden?',
  forced_review: 'Must a person look?',
  pre_escalation: 'Do two signs agree?',
  bands: 'Do the numbers allow it?',
  sampling: 'Was it drawn by chance?',
  pause: 'Is it paused?',
};

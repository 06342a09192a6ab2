import type { Pause } from '../api/policy-types';
import { humanise } from '../content/humanise';

/** What is paused: "Everything", "Summarize email", "Model 3 of summarize email". */
export function pausedWords({ workflow_id, model_version }: Pause): string {
  if (workflow_id === null) return model_version === null ? 'Everything' : `Model version ${model_version}`;
  const name = `“${humanise(workflow_id)}”`;
  return model_version === null ? name : `Model version ${model_version} in ${name}`;
}

/** Whether a pause holds back what this workflow does. */
export function concerns({ workflow_id, model_version, all }: Pause, workflowId: string): boolean {
  return all || workflow_id === workflowId || (workflow_id === null && model_version !== null);
}

import { humanise } from '../content/humanise';
import type { Metadata } from '../trust/package';

/** The name that its builder gave the workflow, or its id as words. */
export function workflowName({ source, workflow_id }: Metadata): string {
  return source.workflow_name ?? humanise(workflow_id);
}

export function bytesWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

export const RISK_WORDS = { low: 'Low risk', medium: 'Medium risk', high: 'High risk', critical: 'Critical risk' };

export const HARM_WORDS: Record<string, string> = {
  financial_loss: 'Financial loss',
  customer_privacy: 'Customer privacy',
  regulatory_breach: 'Regulatory breach',
  other: 'Other harm',
};

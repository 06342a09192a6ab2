import { createContext, type JSX } from 'preact';
import { useContext } from 'preact/hooks';
import { redactionAt } from '../content/redaction';
import type { Redacted } from '../trust/package';

/** What is left out of the case that is open. */
export const RedactedContext = createContext<readonly Redacted[]>([]);

/** The label of what was left out at a place; null where nothing was. */
export function useRedaction(pointer: string): string | null {
  const redacted = useContext(RedactedContext);
  return redacted.length === 0 ? null : redactionAt(redacted, pointer);
}

/** Stands where a value was left out, so that it does not read as empty (R-UI-23). */
export function RedactedChip({ label }: { label: string }): JSX.Element {
  return <span class="redacted-chip">Hidden from you: {label}</span>;
}

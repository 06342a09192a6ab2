import type { JSX } from 'preact';
import { spelled } from '../../content/reading';
import { Notice } from '../../parts/alarm';

interface UnreadableProps {
  /** The workflows whose rules this Handoff cannot read, as they are called. */
  names: string[];
  /** Whether numbers are shown below, which are of the rules that stand in for them. */
  numbers?: boolean;
}

/** What holds while a newer version's rules are in force, and the way on. */
export function Unreadable({ names, numbers = false }: UnreadableProps): JSX.Element | null {
  if (names.length === 0) return null;
  return (
    <Notice title="This version of Handoff cannot read all rules.">
      It cannot read those of {names.map((name) => `“${spelled(name)}”`).join(', ')}, so nothing passes by them: the
      workflow waits for a person, and no new case is opened. Open cases can still be approved, rejected and handed on,
      but not edited or sorted. Start the newer version of Handoff that wrote these rules, or propose rules that this
      one can read; governance signs them off.
      {numbers && ' The numbers below are those of the built-in rules “Default”.'}
    </Notice>
  );
}

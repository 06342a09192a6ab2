import type { JSX } from 'preact';
import { Seen } from '../../../parts/quote';
import type { EditCheck } from '../controls/use-edit-check';

/** What the rules say of an edit while it is typed; a room of its own, so that nothing jumps with each key. */
export function EditFindings({ check }: { check: EditCheck }): JSX.Element {
  const refused = check.step === 'found' && !check.allowed;
  return (
    <div class="findings" role="status" data-refused={refused}>
      <p>{wordsOf(check)}</p>
      {check.step === 'found' && check.marks.length > 0 && (
        <ul class="findings__marks">
          {check.marks.map(({ code, text }) => (
            <li key={code}>
              <Seen text={text} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function wordsOf(check: EditCheck): string {
  switch (check.step) {
    case 'idle':
      return 'Your edit is checked against the rules as you type.';
    case 'checking':
      return 'Checking against the rules…';
    case 'unknown':
      return 'The rules could not be asked just now. They are asked again when you send it.';
    case 'found':
      if (!check.allowed) return `The rules do not let this pass. ${check.refused ?? ''}`.trim();
      return check.marks.length === 0 ? 'The rules let this pass.' : 'The rules let this pass, and will note:';
  }
}

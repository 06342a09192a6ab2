import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { setShortcutsOn, shortcutsOn } from '../hooks/use-shortcuts';

const KEYS: [key: string, does: string][] = [
  ['j  k', 'next, previous case'],
  ['Enter', 'open the case'],
  ['b', 'decide cases like this one together'],
  ['/', 'search the inbox'],
  ['a', 'approve'],
  ['r', 'reject'],
  ['e', 'edit first'],
  ['i', 'ask a question'],
  ['x', 'escalate'],
  ['n', 'leave a note'],
  ['u', 'undo, while that is offered'],
  ['c', 'keep the case for me, or give it back'],
  ['s', 'save changed rules'],
  ['Esc', 'close a form'],
  ['?', 'this list'],
];

/** The keys, in a dialog that is open as long as this is shown. */
export function Help({ onClose }: { onClose: () => void }): JSX.Element {
  const [on, setOn] = useState(shortcutsOn);
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title">Keys</h2>
      <dl class="help__keys">
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd class="key">{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p>Keys rest while you type.</p>
      <label class="choice">
        <input
          type="checkbox"
          checked={on}
          onChange={({ currentTarget }) => {
            setShortcutsOn(currentTarget.checked);
            setOn(currentTarget.checked);
          }}
        />
        Use single keys on this browser
      </label>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          dialog.current?.close();
        }}
      >
        <button class="button button--plain" autofocus>
          Close
        </button>
      </form>
    </dialog>
  );
}

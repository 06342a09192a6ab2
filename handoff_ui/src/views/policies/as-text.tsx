import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { JsonObject, Policy } from '../../api/policy-types';
import { Button } from '../../parts/button';
import type { Json } from '../../trust/strict-json';

interface AsTextProps {
  policy: Policy;
  document: JsonObject;
  isOpened: boolean;
  onOpen: (document: JsonObject) => void;
}

const MOST_BYTES = 200_000;

/** For those who would rather write: the rules to a file, and back from one. They are tried before they are saved. */
export function AsText({ policy, document, isOpened, onOpen }: AsTextProps): JSX.Element {
  const [fault, setFault] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const read = async (file: File): Promise<void> => {
    if (file.size > MOST_BYTES) return setFault('The file is larger than 200 kB, so it is no policy.');
    const found = parsed(await file.text());
    if (found === null) return setFault('The file is not one JSON object. Nothing of it was used.');
    const named = found.workflow_id;
    if (named !== undefined && named !== policy.workflow_id) {
      return setFault(`The file holds the rules of another workflow, “${String(named)}”. Nothing of it was used.`);
    }
    setFault(null);
    onOpen(found);
  };
  return (
    <details class="as-text">
      <summary>Open as text</summary>
      <p class="setting__help">
        The same rules as a JSON file, with everything that has no slider here. What you open is tried at the side
        first; nothing of it holds until it is saved.
      </p>
      <div class="as-text__ways">
        <Download name={`${policy.workflow_id}.policy.json`} document={document} />
        <label class="field">
          <span class="field__label">Open a file</span>
          <input
            ref={input}
            type="file"
            accept=".json,application/json"
            aria-describedby="as-text-fault"
            onChange={({ currentTarget }) => {
              const file = currentTarget.files?.[0];
              if (file !== undefined) void read(file);
              // The same file, edited again, must be taken again.
              currentTarget.value = '';
            }}
          />
        </label>
      </div>
      <p id="as-text-fault" class="field__wrong" role="status">
        {fault}
      </p>
      {isOpened && <p class="setting__help">The text that you opened stands on this page now. It is not saved yet.</p>}
    </details>
  );
}

function Download({ name, document }: { name: string; document: JsonObject }): JSX.Element {
  const [url, setUrl] = useState<string | null>(null);
  useLayoutEffect(() => () => void (url !== null && URL.revokeObjectURL(url)), [url]);
  const make = (): void => {
    const text = `${JSON.stringify(document, null, 2)}\n`;
    const made = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    setUrl(made);
    const link = window.document.createElement('a');
    link.href = made;
    link.download = name;
    link.click();
  };
  return <Button onPress={make}>Save to a file</Button>;
}

function parsed(text: string): JsonObject | null {
  try {
    const found = JSON.parse(text) as Json;
    return typeof found === 'object' && found !== null && !Array.isArray(found) ? found : null;
  } catch {
    return null;
  }
}

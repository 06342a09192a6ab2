import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { JsonObject } from '../../api/policy-types';
import { Button } from '../../parts/button';
import { factsOf, MOST_BYTES, readItems } from './items-file';
import { DAYS } from './use-simulation';

export interface ItemsFile {
  name: string;
  items: JsonObject[];
}

interface FromFileProps {
  workflowId: string;
  file: ItemsFile | null;
  onFile: (file: ItemsFile | null) => void;
}

/** Past items of one’s own in place of the last 30 days. */
export function FromFile({ workflowId, file, onFile }: FromFileProps): JSX.Element {
  const [fault, setFault] = useState<string | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const read = async (chosen: File): Promise<void> => {
    if (chosen.size > MOST_BYTES) return setFault('The file is larger than 5 MB. Take a part of it.');
    const found = readItems(chosen.name, await chosen.text());
    setFault('fault' in found ? `${found.fault} Nothing of it was used.` : null);
    if ('items' in found) onFile({ name: chosen.name, items: factsOf(found.items, workflowId) });
  };
  return (
    <details class="from-file">
      <summary>Try them on a file instead</summary>
      <p class="setting__help">
        CSV with a head line, or one JSON object a line: confidence, risk_score, flags, action, request.amount, outcome
        and so on. The file is used for this picture and not kept.
      </p>
      <label class="field">
        <span class="field__label">Items</span>
        <input
          ref={input}
          type="file"
          accept=".csv,.jsonl,.ndjson,.json,text/csv"
          aria-describedby="from-file-fault"
          onChange={({ currentTarget }) => {
            const chosen = currentTarget.files?.[0];
            if (chosen !== undefined) void read(chosen);
          }}
        />
      </label>
      <p id="from-file-fault" class="field__wrong" role="status">
        {fault}
      </p>
      {file !== null && (
        <Button
          onPress={() => {
            if (input.current) input.current.value = '';
            onFile(null);
          }}
        >
          Back to the last {DAYS} days
        </Button>
      )}
    </details>
  );
}

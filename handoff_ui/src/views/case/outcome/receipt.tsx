import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { Live } from '../../../api/types';
import { Button } from '../../../parts/button';
import { outcomeWords } from './outcome-words';

/** What stands in the record: enough to find the decision again years later (R-UI-27). */
export function Receipt({ live, me }: { live: Live; me: string | null }): JSX.Element | null {
  const list = useRef<HTMLDListElement>(null);
  const [copied, setCopied] = useState<string | null>(null);
  if (live.decision === null) return null;
  const entries: [name: string, value: string | null][] = [
    ['Record', live.receipt?.event_id ?? live.decision.event_id],
    ['Case', live.id],
    ['Content', live.receipt?.digest ?? live.package_digest],
    ['Time', live.decided_at],
  ];
  const text = [`${outcomeWords(live, me)}.`, ...entries.map(([name, value]) => `${name}: ${value ?? ''}`)].join('\n');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied('Copied.');
    } catch {
      // Without https a browser gives no clipboard: then the text is marked, ready for the key.
      if (list.current !== null) window.getSelection()?.selectAllChildren(list.current);
      setCopied('Marked. Copy it with your keyboard.');
    }
  };
  return (
    <div class="receipt">
      <dl ref={list} class="receipt__entries" aria-label="Receipt">
        {entries
          .filter(([, value]) => value !== null)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <code>{value}</code>
              </dd>
            </div>
          ))}
      </dl>
      <p class="receipt__copy">
        <Button look="quiet" onPress={() => void copy()}>
          Copy the receipt
        </Button>
        <span role="status">{copied}</span>
      </p>
    </div>
  );
}

import { useLayoutEffect, useState } from 'preact/hooks';
import { useApp } from '../../../context';
import type { Json } from '../../../trust/strict-json';

export interface Findings {
  marks: { code: string; text: string }[];
  /** Why policy does not let the edit pass; null where it does. */
  refused: string | null;
  allowed: boolean;
}

export type EditCheck =
  | { step: 'idle' }
  | { step: 'checking' }
  /** Policy could not be asked. It is asked again when the edit is sent, so this blocks nothing. */
  | { step: 'unknown' }
  | ({ step: 'found' } & Findings);

const REST_MS = 500;

/** What policy says of an edit, asked once the hand rests for half a second; null: there is nothing to ask about. */
export function useEditCheck(handoffId: string, edited: Json): EditCheck {
  const { client } = useApp();
  const [check, setCheck] = useState<EditCheck>({ step: 'idle' });
  // Before it is painted: what was found of the edit before says nothing about this one.
  useLayoutEffect(() => {
    if (edited === null) {
      setCheck({ step: 'idle' });
      return;
    }
    let over = false;
    setCheck({ step: 'checking' });
    const timer = setTimeout(() => {
      const body = { edited_output: edited };
      void client.send<Findings>(`/v1/handoffs/${handoffId}/edit-checks`, { method: 'POST', body }).then((answer) => {
        if (over) return;
        setCheck(answer.kind === 'ok' ? { step: 'found', ...answer.data } : { step: 'unknown' });
      });
    }, REST_MS);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [client, handoffId, edited]);
  return check;
}

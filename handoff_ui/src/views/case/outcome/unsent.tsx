import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Values } from '../../../hooks/use-kept';
import { Button } from '../../../parts/button';
import { Quote } from '../../../parts/quote';
import type { Json } from '../../../trust/strict-json';
import { unsentTexts } from './unsent-texts';

/** What somebody was writing when another person decided: it was not sent, and it is not lost. */
export function Unsent({ values, output }: { values: Values; output: Json }): JSX.Element | null {
  const [label, setLabel] = useState('Copy');
  const texts = unsentTexts(values, output);
  if (texts.length === 0) return null;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(texts.join('\n\n'));
      setLabel('Copied');
    } catch {
      // Without https a browser gives no clipboard.
      setLabel('This browser does not copy here');
    }
  };
  return (
    <section class="outcome" aria-label="What you were writing">
      <h3>You were writing, and it was not sent:</h3>
      {texts.map((text, at) => (
        <Quote key={at} text={text} />
      ))}
      <Button onPress={() => void copy()}>{label}</Button>
    </section>
  );
}

import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { readText, type Piece } from '../content/reading';

/**
 * Text that others wrote, made safe to look at: text nodes only, what would be invisible as chips, links inert.
 * For titles and labels; `Quote` adds the look of quoted text.
 */
export function Seen({ text }: { text: string }): JSX.Element {
  const { pieces } = useMemo(() => readText(text), [text]);
  return <bdi>{pieces.map(show)}</bdi>;
}

/** What came in, or what the model said: its own background and font, so that it cannot pass for a control of ours. */
export function Quote({ text }: { text: string }): JSX.Element {
  const { pieces } = useMemo(() => readText(text), [text]);
  return (
    <div class="quote" dir="auto">
      {text === '' ? <span class="quote__nothing">Empty text</span> : pieces.map(show)}
    </div>
  );
}

function show(piece: Piece): JSX.Element | string {
  switch (piece.type) {
    case 'text':
      return piece.text;
    case 'hidden':
      return (
        <span class="hidden-chip" title={piece.explanation}>
          {piece.label}
        </span>
      );
    case 'gap':
      return <span class="gap-chip">{piece.label}</span>;
    case 'link':
      return (
        <span class="inert-link">
          {piece.before}
          <b>{piece.host}</b>
          {piece.after}
          {piece.ascii !== null && (
            <span class="hidden-chip" title="The name that a browser would really ask for.">
              really {piece.ascii}
            </span>
          )}
        </span>
      );
  }
}

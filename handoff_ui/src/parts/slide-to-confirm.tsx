import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { useArmed } from '../hooks/armed';
import { useRest } from './rest';
import { TypedWord } from './typed-word';

interface SlideProps {
  label: string;
  /** The word that can be typed instead, by whoever cannot slide. */
  word: string;
  disabled?: boolean;
  onConfirm: () => void;
}

/** How much of the way counts as the end: a thumb need not hit the last pixel. */
const END = 0.95;

/**
 * A deliberate confirm where a link alone gives the right to act (security rows L2, L3): slid to the end with a real
 * pointer, or a word that is read and typed. A scanner that runs scripts, clicks and holds every button and fills every
 * field does neither: there is no button here.
 */
export function SlideToConfirm({ label, word, disabled = false, onConfirm }: SlideProps): JSX.Element {
  const track = useRef<HTMLDivElement>(null);
  const start = useRef<number | null>(null);
  const armed = useArmed();
  const { atRest, note } = useRest(disabled);

  /** Puts the handle where the pointer is; gives how much of the way is done. */
  const follow = (x: number): number => {
    const { current: bar } = track;
    const handle = bar?.querySelector<HTMLElement>('.slide__handle');
    if (!bar || !handle || start.current === null) return 0;
    const way = bar.clientWidth - handle.offsetWidth;
    const done = Math.max(0, Math.min(way, x - start.current));
    bar.style.setProperty('--done', `${done}px`);
    return way > 0 ? done / way : 0;
  };
  const letGo = (): void => {
    start.current = null;
    track.current?.style.setProperty('--done', '0px');
  };
  const begin = (event: PointerEvent): void => {
    if (!event.isTrusted || event.button !== 0 || disabled || !atRest()) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    start.current = event.clientX;
  };
  const end = (event: PointerEvent): void => {
    const isThere = follow(event.clientX) >= END && event.isTrusted && !disabled && atRest();
    letGo();
    if (isThere) onConfirm();
  };

  return (
    <div class="slide" role="group" aria-label={label} tabIndex={-1}>
      {/* For the eye and the hand only: whoever uses neither types the word. */}
      <div
        class="slide__track"
        ref={track}
        data-off={disabled}
        data-resting={!armed}
        data-guarded=""
        aria-hidden="true"
      >
        <span class="slide__label">Slide to the end: {label}</span>
        <span
          class="slide__handle"
          onPointerDown={begin}
          onPointerMove={({ clientX }) => void follow(clientX)}
          onPointerUp={end}
          onPointerCancel={letGo}
          onContextMenu={(event) => event.preventDefault()}
        />
      </div>
      {note}
      <TypedWord word={word} lead="Or type" disabled={disabled} onConfirm={onConfirm} />
    </div>
  );
}

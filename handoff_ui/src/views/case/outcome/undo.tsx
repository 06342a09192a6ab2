import type { JSX } from 'preact';
import { useNow } from '../../../hooks/use-now';
import { useShortcuts } from '../../../hooks/use-shortcuts';
import type { Live } from '../../../api/types';
import { GuardedButton } from '../../../parts/button';
import { spelled } from '../../../content/reading';
import { spanWords } from '../../../words/time';
import { asksItself } from '../../../words/standing';
import type { Acting } from '../acts/use-act';

/** While nobody outside was told: the way back, and how long it stays open. No dialog, because this can be undone. */
export function Undo({ live, acting }: { live: Live; acting: Acting }): JSX.Element | null {
  const now_ms = useNow();
  const { undo } = live;
  const left_ms = undo == null ? 0 : Date.parse(undo.until) - now_ms;
  const busy = acting.sending.step === 'sending' || acting.sending.step === 'checking';
  const isOpen = left_ms > 0;
  const send = (): void => acting.send({ kind: 'undo' });
  useShortcuts({ u: isOpen && undo?.mine === true && !busy ? send : undefined });
  if (undo == null || !isOpen) return null;
  return (
    <div class="undo">
      <p>
        {asksItself(live) ? 'It can be undone for' : 'The workflow is told in'}{' '}
        <b class="undo__left">{spanWords(left_ms)}</b>.{' '}
        {!undo.mine && `Until then ${spelled(live.decided_by?.name ?? 'whoever decided')} can undo it.`}
      </p>
      {undo.mine && (
        <GuardedButton look="strong" shortcut="u" name="undo" disabled={busy} onPress={send}>
          Undo
        </GuardedButton>
      )}
    </div>
  );
}

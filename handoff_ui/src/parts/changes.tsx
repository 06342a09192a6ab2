import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { abridged, changesOf } from '../content/diff';
import { Seen } from './quote';

interface ChangesProps {
  before: string;
  after: string;
  label?: string;
}

/** What an edit changed, as struck-through and underlined text, with words for who cannot see either. */
export function Changes({ before, after, label = 'What you changed' }: ChangesProps): JSX.Element | null {
  const changes = useMemo(() => abridged(changesOf(before, after)), [before, after]);
  if (before === after) return null;
  return (
    <div class="changes" aria-label={label} role="group">
      {changes.map(({ type, text }, at) => {
        if (type === 'same') return <Seen key={at} text={text} />;
        return type === 'added' ? (
          <ins key={at}>
            <span class="unseen"> added: </span>
            <Seen text={text} />
          </ins>
        ) : (
          <del key={at}>
            <span class="unseen"> removed: </span>
            <Seen text={text} />
          </del>
        );
      })}
    </div>
  );
}

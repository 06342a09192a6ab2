import type { ComponentChildren, JSX } from 'preact';
import { Seen } from './quote';

/** Something that must not be: what was found, what was kept back, and what to do. */
export function Alarm({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="alarm" role="alert">
      <strong>
        <Seen text={title} />
      </strong>
      <p>
        {children ??
          'It was changed on its way, so it is not shown. Do not approve this case; tell whoever runs Handoff.'}
      </p>
    </div>
  );
}

/** A calm message across a pane or the page. */
export function Notice({ title, children }: { title: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="notice" role="status">
      <strong>
        <Seen text={title} />
      </strong>
      {children !== undefined && <div class="notice__text">{children}</div>}
    </div>
  );
}

import type { ComponentChildren, JSX } from 'preact';

export function Panel({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="panel">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { focusOn } from '../hooks/armed';

/** A whole view that only says something. */
export function Message({
  title,
  tone = 'calm',
  children,
}: {
  title: string;
  tone?: 'calm' | 'alarm';
  children?: ComponentChildren;
}): JSX.Element {
  const headline = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    document.title = `${title} – Handoff`;
    focusOn(headline.current);
  }, [title]);
  return (
    <div class="message" data-tone={tone} role={tone === 'alarm' ? 'alert' : undefined}>
      <h1 ref={headline} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </div>
  );
}

import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { focusOn } from '../../hooks/armed';
import { Alarm } from '../../parts/alarm';

interface SectionProps {
  title: string;
  /** Why one would want it. */
  about?: string;
  fault?: string | null;
  /** The address asked for this one. */
  asked?: boolean;
  children: ComponentChildren;
}

/** One matter of the account. */
export function Section({ title, about, fault = null, asked = false, children }: SectionProps): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (asked) focusOn(heading.current);
  }, [asked]);
  return (
    <section class="account__part" aria-label={title}>
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      {about !== undefined && <p class="account__about">{about}</p>}
      {fault !== null && <Alarm title="That was not done.">{fault}</Alarm>}
      {children}
    </section>
  );
}

/** A line of a list: what it is, what is known about it, and what can be done. */
export function Line({
  name,
  facts,
  children,
}: {
  name: ComponentChildren;
  facts: string[];
  children?: ComponentChildren;
}): JSX.Element {
  return (
    <li class="account__line">
      <div>
        <b>{name}</b>
        <p class="account__facts">{facts.join(' · ')}</p>
      </div>
      {children}
    </li>
  );
}

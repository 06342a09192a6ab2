import type { ComponentType, JSX } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { Message } from '../views/message';
import { Button } from './button';

/** A component that may be fetched before it is shown; where that fails, showing it tries again and says so. */
type Later<P> = ((props: P) => JSX.Element) & { preload: () => Promise<void> };

/** A component whose script is fetched only by those who see it, so that the approver's page stays small (R-UI-02). */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): Later<P> {
  // The first load serves all later ones: a view that was open before is there at once.
  let found: ComponentType<P> | null = null;
  const Later = (props: P): JSX.Element => {
    const [state, setState] = useState<'here' | 'loading' | 'failed'>(found === null ? 'loading' : 'here');
    useLayoutEffect(() => {
      if (state !== 'loading') return;
      load().then(
        (component) => {
          found = component;
          setState('here');
        },
        () => setState('failed'),
      );
    }, [state]);
    if (state === 'here' && found !== null) {
      const Found = found;
      return <Found {...props} />;
    }
    return state === 'failed' ? <CannotBeHad /> : <Loading />;
  };
  const preload = (): Promise<void> =>
    load().then(
      (component) => void (found = component),
      () => undefined,
    );
  return Object.assign(Later, { preload });
}

export function Loading(): JSX.Element {
  return (
    <p class="loading" role="status">
      One moment…
    </p>
  );
}

function CannotBeHad(): JSX.Element {
  return (
    <Message title="This part of the page cannot be had right now.">
      <p>You are offline, or Handoff was updated since this page was loaded. Nothing is lost.</p>
      <p>
        <Button look="main" onPress={() => window.location.reload()}>
          Load the page again
        </Button>
      </p>
    </Message>
  );
}

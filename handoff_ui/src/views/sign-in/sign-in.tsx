import type { JSX } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { useApp } from '../../context';
import { Message } from '../message';
import { OtherName, otherName } from '../other-name';
import { SignInWays } from './ways';

/** Stands in the place of the view that was asked for, which comes as soon as somebody is signed in. */
export function SignInView({ ended, error }: { ended: boolean; error: string | null }): JSX.Element {
  // The address goes back to what was wanted; why it was refused stays on the page.
  const [refused] = useState(error);
  useLayoutEffect(() => {
    const back = new URLSearchParams(window.location.hash.split('?', 2)[1]).get('back');
    if (window.location.hash.startsWith('#/sign-in?') && back?.startsWith('/')) window.location.replace(`#${back}`);
  }, []);
  const elsewhere = otherName(useApp().config);
  if (elsewhere !== null) return <OtherName address={elsewhere} fragment={window.location.hash} />;
  const toCase = /^#\/h\//.test(window.location.hash);
  return (
    <Message title={ended ? 'Your session has ended.' : 'Sign in to Handoff'}>
      <p>
        Sign in{ended ? ' again' : ''}, and you see {toCase ? 'the case that you opened' : 'what waits for you'}.
        {ended && ' What was decided stays decided.'}
      </p>
      <SignInWays refused={refused} />
    </Message>
  );
}

import type { JSX } from 'preact';
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Account } from '../../api/identity-types';
import { useApp } from '../../context';
import { focusOn } from '../../hooks/armed';
import { useKeptFocus } from '../../hooks/use-kept-focus';
import { Loading } from '../../parts/later';
import '../../styles/account.css';
import { BlockedView } from '../blocked';
import { About } from './about';
import { Absence } from './absence';
import { Passkeys } from './passkeys';
import { Sessions } from './sessions';
import { Tokens } from './tokens';

/** Who one is, how one comes in, and who stands in while one is away. */
export function AccountView({ page }: { page: string | null }): JSX.Element {
  const { client, renewSession } = useApp();
  const [account, setAccount] = useState<Account | 'lost' | null>(null);
  const view = useRef<HTMLDivElement>(null);
  useKeptFocus(view);
  const load = useCallback(async (): Promise<void> => {
    const answer = await client.send<Account>('/v1/sessions/current');
    if (answer.kind === 'ok') setAccount(answer.data);
    else if (answer.kind === 'unreachable') setAccount('lost');
    else await renewSession();
  }, [client, renewSession]);
  useLayoutEffect(() => void load(), [load]);
  const isShown = account !== null && account !== 'lost';
  useLayoutEffect(() => {
    document.title = 'Your account – Handoff';
    if (isShown && page === null) focusOn(view.current?.querySelector('h1') ?? null);
  }, [isShown, page]);
  if (account === 'lost') return <BlockedView why={{ why: 'lost' }} />;
  if (account === null) return <Loading />;
  return (
    <div class="account" ref={view}>
      <h1 tabIndex={-1}>Your account</h1>
      <About account={account} />
      <Absence account={account} asked={page === 'absence'} onChanged={load} />
      <Passkeys asked={page === 'passkeys'} />
      <Sessions asked={page === 'sessions'} />
      <Tokens asked={page === 'tokens'} />
    </div>
  );
}

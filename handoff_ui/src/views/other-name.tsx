import type { JSX } from 'preact';
import type { Config } from '../api/client';
import { Message } from './message';

/**
 * The address of the companion where this page was opened under another one: 127.0.0.1 for localhost, a forwarded port.
 * Nobody can be signed in there: its cookie belongs to its own name, and it refuses what other pages send (row L9).
 */
export function otherName({ base, publicUrl }: Config): string | null {
  if (publicUrl === null || !URL.canParse(publicUrl)) return null;
  // A page that is served elsewhere on purpose has a config.json of its own, which names no such address.
  return new URL(publicUrl).origin === base.origin ? null : publicUrl;
}

/** Where to go instead, with all that the address asked for. */
export function OtherName({ address, fragment }: { address: string; fragment: string }): JSX.Element {
  return (
    <Message title={`Open Handoff as ${address}`}>
      <p>
        This page was opened under another name, and nobody can be signed in here. Nothing is lost, and your link is
        still good: <a href={`${address}/${fragment}`}>{address}</a>
      </p>
    </Message>
  );
}

import type { JSX } from 'preact';
import '../../styles/batch.css';
import { Start } from './start';
import { Taken } from './taken';

/** Similar cases decided together: first taken, so that nobody else decides them meanwhile, then read and decided. */
export function BatchView({ id, like }: { id: string | null; like: string | null }): JSX.Element {
  if (id !== null) return <Taken key={id} id={id} />;
  return <Start like={like ?? ''} />;
}

import { useEffect, useState } from 'preact/hooks';
import type { Client } from '../api/client';
import { sha256Hex } from '../trust/blob';

export type Blobbed =
  | { status: 'waiting' }
  | { status: 'unreachable' }
  /** What came is not what was signed: an alarm, and never content. */
  | { status: 'mismatch' }
  | { status: 'ready'; bytes: Uint8Array<ArrayBuffer> };

/** Fetches a blob and checks its hash before anybody sees a byte of it. */
export async function fetchBlob(client: Client, handoffId: string, sha256: string): Promise<Blobbed> {
  const answer = await client.bytes(`/v1/handoffs/${handoffId}/blobs/${sha256}`);
  if (answer.kind !== 'ok') return { status: 'unreachable' };
  return (await sha256Hex(answer.data)) === sha256 ? { status: 'ready', bytes: answer.data } : { status: 'mismatch' };
}

/** A blob of the case; `again` asks once more after the connection failed. Nothing is fetched while `wanted` is false. */
export function useBlob(
  client: Client,
  handoffId: string,
  sha256: string,
  wanted: boolean,
): { blob: Blobbed; again: () => void } {
  const [blob, setBlob] = useState<Blobbed>({ status: 'waiting' });
  const [tries, setTries] = useState(0);
  useEffect(() => {
    if (!wanted) return;
    let over = false;
    setBlob({ status: 'waiting' });
    void fetchBlob(client, handoffId, sha256).then((found) => {
      if (!over) setBlob(found);
    });
    return () => {
      over = true;
    };
  }, [client, handoffId, sha256, wanted, tries]);
  return { blob, again: () => setTries(tries + 1) };
}

import { useLayoutEffect, useState } from 'preact/hooks';
import type { Client } from '../api/client';
import { fetchBlob, type Blobbed } from '../trust/blob';

/** A blob of the case; `again` asks once more after the connection failed. Nothing is fetched while `wanted` is false. */
export function useBlob(
  client: Client,
  handoffId: string,
  sha256: string,
  wanted: boolean,
): { blob: Blobbed; again: () => void } {
  const [blob, setBlob] = useState<Blobbed>({ status: 'waiting' });
  const [tries, setTries] = useState(0);
  useLayoutEffect(() => {
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

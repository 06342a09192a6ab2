import type { Client } from '../api/client';

/** SHA-256 of bytes as lower-case hex. */
export async function sha256Hex(bytes: BufferSource): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

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

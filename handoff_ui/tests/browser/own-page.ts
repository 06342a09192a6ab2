/** The built page, copied aside: a build that runs meanwhile takes no file away from a page that is being looked at. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export default function copy(): (() => void) | undefined {
  if (process.env.HANDOFF_PAGE_DIR !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'handoff-page-'));
  cpSync(fileURLToPath(new URL('../../dist/', import.meta.url)), folder, { recursive: true });
  process.env.HANDOFF_PAGE_DIR = folder;
  return () => rmSync(folder, { recursive: true });
}

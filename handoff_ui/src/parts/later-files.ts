import type { Client } from '../api/client';
import { hasFiles } from '../content/files';
import { fetchPackage, type Blocked } from '../trust/fetch-package';
import type { FindKey } from '../trust/keys';
import type { ContextPackage } from '../trust/package';
import type { Verified } from '../trust/token';
import { later } from './later';

export const File = later(() => import('./media').then(({ File: found }) => found));
export const Media = later(() => import('./media').then(({ Media: found }) => found));

/** What shows files is fetched before a case that has some is shown, so that nothing moves later. */
export async function preloadFiles(content: ContextPackage): Promise<void> {
  if (hasFiles(content)) await Promise.all([File.preload(), Media.preload()]);
}

/** The package of a case, checked, and all that is needed to show it; or why there is nothing to show. */
export async function fetchToShow(client: Client, findKey: FindKey, id: string): Promise<Verified | Blocked> {
  const found = await fetchPackage(client, findKey, id);
  if ('package' in found) await preloadFiles(found.package);
  return found;
}

/** What a package leaves out for this reader. */
import type { Redacted } from '../trust/package';
import { parsePointer } from './pointer';

export type { Redacted };

/** The label of what was left out at `pointer`; `*` in a path stands for one member. null: nothing was. */
export function redactionAt(redacted: readonly Redacted[], pointer: string): string | null {
  const place = parsePointer(pointer);
  const found = redacted.find(({ path }) => {
    const pattern = parsePointer(path);
    return pattern.length <= place.length && pattern.every((part, at) => part === '*' || part === place[at]);
  });
  return found?.label ?? null;
}

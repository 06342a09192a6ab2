import type { Json } from '../trust/strict-json';

/** RFC 6901: `/model_output/a~1b` → ["model_output", "a/b"]. */
export function parsePointer(pointer: string): string[] {
  if (pointer === '') return [];
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

export function joinPointer(parent: string, part: string | number): string {
  return `${parent}/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The value at a path, or undefined. Own members only: `constructor` is not there unless the data has it. */
export function valueAt(root: Json, path: string[]): Json | undefined {
  let at: Json | undefined = root;
  for (const part of path) {
    if (Array.isArray(at)) at = /^(0|[1-9]\d*)$/.test(part) ? at[Number(part)] : undefined;
    else if (typeof at === 'object' && at !== null && Object.hasOwn(at, part)) at = at[part];
    else return undefined;
  }
  return at;
}

/** A copy of `root` with another value at `path`; the path must exist. */
export function withValueAt(root: Json, path: string[], value: Json): Json {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  if (Array.isArray(root)) {
    return root.map((item, at) => (String(at) === part ? withValueAt(item, rest, value) : item));
  }
  if (typeof root !== 'object' || root === null) return root;
  // fromEntries defines members; assigning `copy['__proto__']` would change the prototype instead.
  return Object.fromEntries(
    Object.entries(root).map(([key, item]) => [key, key === part ? withValueAt(item, rest, value) : item]),
  );
}

/** Whether `pointer` names `ancestor` or something inside it. */
export function isWithin(pointer: string, ancestor: string): boolean {
  return pointer === ancestor || pointer.startsWith(`${ancestor}/`);
}

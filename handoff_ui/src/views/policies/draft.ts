/** What an operator has changed and not saved: single settings on top of what is saved, or a whole text that was opened. */
import type { JsonObject, Policy, Setting, SettingValue } from '../../api/policy-types';
import type { Json } from '../../trust/strict-json';

export interface Draft {
  /** Setting by path → its new value. */
  changes: ReadonlyMap<string, SettingValue>;
  /** A document that was opened as text, in place of the saved one. */
  opened: JsonObject | null;
}

export const UNCHANGED: Draft = { changes: new Map(), opened: null };

/** The value at a path of names joined by dots; own members only. */
export function valueAtPath(document: Json | undefined, path: string): Json | undefined {
  let at: Json | undefined = document;
  for (const name of path.split('.')) {
    if (!isObject(at) || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return at;
}

/** A copy of `document` with `value` at `path`; what is missing on the way is made. */
export function withPath(document: JsonObject, path: string, value: Json): JsonObject {
  const [name = '', ...rest] = path.split('.');
  const inner = Object.hasOwn(document, name) ? document[name] : undefined;
  const next = rest.length === 0 ? value : withPath(isObject(inner) ? inner : {}, rest.join('.'), value);
  const members = Object.entries(document).map(([key, old]): [string, Json] => [key, key === name ? next : old]);
  // fromEntries defines members; assigning `copy['__proto__']` would change the prototype instead.
  return Object.fromEntries(Object.hasOwn(document, name) ? members : [...members, [name, next]]);
}

/** What is saved, or was opened as text, for a setting. */
export function baseValue(setting: Setting, draft: Draft): SettingValue {
  if (draft.opened === null) return setting.value;
  const found = valueAtPath(draft.opened, setting.path);
  return found === undefined || typeof found === 'object' ? setting.default : found;
}

export function currentValue(setting: Setting, draft: Draft): SettingValue {
  const changed = draft.changes.get(setting.path);
  return changed === undefined ? baseValue(setting, draft) : changed;
}

/** The draft with a setting at `value`; back at the saved value, it counts as unchanged. */
export function changed(draft: Draft, setting: Setting, value: SettingValue): Draft {
  const changes = new Map(draft.changes);
  if (value === baseValue(setting, draft)) changes.delete(setting.path);
  else changes.set(setting.path, value);
  return { ...draft, changes };
}

export function isChanged(draft: Draft): boolean {
  return draft.opened !== null || draft.changes.size > 0;
}

/** What a change is made to. A workflow without rules of its own gets some that begin as those it runs under. */
export function baseDocument({ version, workflow_id, document, effective, inherits }: Policy): JsonObject {
  if (version > 0) return document;
  const begun = { schema_version: 1, workflow_id, extends: inherits ?? 'default' };
  // What others begin from lends its numbers and not its name; built-in rules of this very workflow are called as it is.
  return inherits === workflow_id && effective.title ? { ...begun, title: effective.title } : begun;
}

/** The document that saving would send. */
export function documentOf(policy: Policy, draft: Draft): JsonObject {
  let document = draft.opened ?? baseDocument(policy);
  for (const [path, value] of draft.changes) document = withPath(document, path, value);
  return document;
}

/** The settings whose value differs from what is saved, whichever way it came. */
export function differing(
  policy: Policy,
  draft: Draft,
): { setting: Setting; before: SettingValue; after: SettingValue }[] {
  return policy.settings
    .map((setting) => ({ setting, before: setting.value, after: currentValue(setting, draft) }))
    .filter(({ before, after }) => before !== after);
}

const OWNER = ['owner.name', 'owner.contact'];

/** Rules of its own need somebody who answers for them; the built-in ones lend nobody. */
export function lacksOwner(document: JsonObject): boolean {
  return OWNER.some((path) => {
    const value = valueAtPath(document, path);
    return typeof value !== 'string' || value.trim() === '';
  });
}

/** The same document with somebody in the owner's place, so that its numbers can be tried before that is known. */
export function toTry(document: JsonObject): JsonObject {
  return lacksOwner(document) ? { ...document, owner: { name: 'Nobody yet', contact: 'nobody' } } : document;
}

/**
 * The draft after somebody else saved `theirs` meanwhile: every number that was typed is kept (R-GOV-16 decides over it
 * as over any other), and what they set to the same value is no change any more.
 */
export function rebased(draft: Draft, theirs: Policy): Draft {
  if (draft.opened !== null) return draft;
  const saved = new Map(theirs.settings.map(({ path, value }) => [path, value]));
  return { ...draft, changes: new Map([...draft.changes].filter(([path, value]) => saved.get(path) !== value)) };
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

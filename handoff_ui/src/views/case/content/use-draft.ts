import { useCallback, useMemo, useState } from 'preact/hooks';
import { takeRestored, useCurrent } from '../../../hooks/use-kept';
import { isWithin, parsePointer, valueAt, withValueAt } from '../../../content/pointer';
import type { Editing } from '../../../parts/editor';
import { sameJson } from '../../../trust/canonical';
import type { Json } from '../../../trust/strict-json';
import { Editor } from './later-editor';

export interface Draft {
  /** null while the output is only read. */
  value: Json | null;
  isOpen: boolean;
  changed: boolean;
  /** How many fields hold something that is no value, such as a number that is none. */
  faults: number;
  editing: Editing;
  open: () => void;
  discard: () => void;
}

/** An edit of the model's output, field by field. */
export function useDraft(output: Json): Draft {
  const [draft, setDraft] = useState(() => takeRestored<{ model_output: Json }>('edit') ?? null);
  const [faults, setFaults] = useState<ReadonlySet<string>>(new Set());
  const set = useCallback(
    (pointer: string, value: Json): void => {
      setDraft((before) => before && (withValueAt(before, parsePointer(pointer), value) as { model_output: Json }));
      // What stood inside of a value that is replaced as a whole is gone, and its faults with it.
      setFaults((before) => new Set([...before].filter((at) => at === pointer || !isWithin(at, pointer))));
    },
    [setDraft],
  );
  const fault = useCallback((pointer: string, message: string | null): void => {
    setFaults((before) => {
      const after = new Set(before);
      if (message === null) after.delete(pointer);
      else after.add(pointer);
      return after;
    });
  }, []);
  const editing = useMemo<Editing>(
    () => ({ set, fault, original: (pointer) => valueAt({ model_output: output }, parsePointer(pointer)) }),
    [set, fault, output],
  );
  const discard = useCallback((): void => {
    setDraft(null);
    setFaults(new Set());
  }, [setDraft]);
  const changed = useMemo(() => draft !== null && !sameJson(draft.model_output, output), [draft, output]);
  // An edit that was begun, and changes nothing, is nothing to lose.
  useCurrent('edit', changed ? draft : null);
  return {
    value: draft?.model_output ?? null,
    isOpen: draft !== null,
    changed,
    faults: faults.size,
    editing,
    open: () => void Editor.preload().then(() => setDraft((before) => before ?? { model_output: output })),
    discard,
  };
}

import { useLayoutEffect, useMemo, useState } from 'preact/hooks';
import { parsePointer, withValueAt } from '../../../content/pointer';
import { useApp } from '../../../context';
import { fetchBlob } from '../../../trust/blob';
import type { ContextPackage, LargeValue } from '../../../trust/package';
import { decodeUtf8, parseStrict, type Json } from '../../../trust/strict-json';

export type LargeState = { status: 'waiting' | 'unreachable' | 'mismatch' } | { status: 'ready'; value: Json };

export interface Item {
  request: Json;
  model_output: Json;
  /** Large values that are not (yet) in the two above, by pointer. */
  missing: Map<string, { large: LargeValue; status: 'waiting' | 'unreachable' | 'mismatch' }>;
  again: () => void;
}

const MAX_DEPTH = 64;

/** Request and output with the values put back that were too large for the token; each is checked by its hash first. */
export function useItem(content: ContextPackage): Item {
  const { client } = useApp();
  const [loaded, setLoaded] = useState<Map<string, LargeState>>(new Map());
  const [tries, setTries] = useState(0);
  useLayoutEffect(() => {
    let over = false;
    setLoaded(new Map());
    for (const large of content.large_values) {
      void load(client, content.handoff_id, large).then((state) => {
        if (!over) setLoaded((before) => new Map(before).set(large.path, state));
      });
    }
    return () => {
      over = true;
    };
  }, [client, content, tries]);

  return useMemo(() => {
    let whole: Json = { request: content.request, model_output: content.model_output };
    const missing: Item['missing'] = new Map();
    for (const large of content.large_values) {
      const state = loaded.get(large.path) ?? { status: 'waiting' };
      if (state.status === 'ready') whole = withValueAt(whole, parsePointer(large.path), state.value);
      else missing.set(large.path, { large, status: state.status });
    }
    const { request, model_output } = whole as { request: Json; model_output: Json };
    return { request, model_output, missing, again: () => setTries((before) => before + 1) };
  }, [content, loaded]);
}

async function load(client: Parameters<typeof fetchBlob>[0], id: string, large: LargeValue): Promise<LargeState> {
  const blob = await fetchBlob(client, id, large.sha256);
  if (blob.status !== 'ready') return { status: blob.status };
  try {
    const isText = large.media_type === 'text/plain';
    return { status: 'ready', value: isText ? decodeUtf8(blob.bytes) : parseStrict(blob.bytes, { depth: MAX_DEPTH }) };
  } catch {
    return { status: 'mismatch' }; // The right bytes, but not what they were said to be.
  }
}

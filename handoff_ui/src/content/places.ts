/** Where in a case something was found, by the labels of the fields as they are shown. */
import type { DisplayEntry } from '../trust/package';
import { humanise } from './humanise';
import { isWithin, parsePointer } from './pointer';

export interface Places {
  request: string[];
  output: string[];
}

/**
 * The labels of the fields that `pointers` (RFC 6901, from the root that holds both parts) lie in, each once and in the
 * order given; what points elsewhere, such as at a flag or a rule, is left out.
 */
export function placesOf(pointers: string[], display: DisplayEntry[]): Places {
  // A detector names the line as well, as in `/model_output/summary#L4`; its own words say which.
  const fields = pointers.map((pointer) => pointer.replace(/#L\d+$/, ''));
  const labels = (part: string): string[] => [
    ...new Set(fields.filter((pointer) => parsePointer(pointer)[0] === part).map((at) => labelOf(at, display))),
  ];
  return { request: labels('request'), output: labels('model_output') };
}

/** The label that the workflow gave the field, else its own name; a part without fields is "the text". */
function labelOf(pointer: string, display: DisplayEntry[]): string {
  const named = display.find(({ path }) => isWithin(pointer, path));
  if (named !== undefined) return named.label;
  const key = parsePointer(pointer)[1];
  return key === undefined ? 'the text' : humanise(key);
}

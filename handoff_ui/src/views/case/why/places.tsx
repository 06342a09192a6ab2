import type { JSX } from 'preact';
import type { Routing } from '../../../api/policy-types';
import { placesOf } from '../../../content/places';
import { Seen } from '../../../parts/quote';
import type { DisplayEntry } from '../../../trust/package';

interface PlacesProps {
  /** The code of a flag or of a reason. */
  of: string;
  routing: Routing | null;
  display: DisplayEntry[];
}

/** In which fields a flag was found, so that a person looks there first and not everywhere. */
export function Places({ of, routing, display }: PlacesProps): JSX.Element | null {
  const pointers = (routing?.trace ?? [])
    .flatMap(({ signals }) => signals ?? [])
    .filter(({ code }) => code === of)
    .map(({ where }) => where ?? '');
  const { request, output } = placesOf(pointers, display);
  if (request.length + output.length === 0) return null;
  return (
    <span class="reason__where">
      {output.length > 0 && (
        <>
          In the suggestion: <Seen text={output.join(', ')} />.{' '}
        </>
      )}
      {request.length > 0 && (
        <>
          In what came in: <Seen text={request.join(', ')} />.
        </>
      )}
    </span>
  );
}

import type { JSX } from 'preact';
import type { Metadata } from '../../../trust/package';
import { calibrationNote, percentWords, type Bands } from '../../../words/confidence';
import { flagWords } from '../../../words/flags';
import { Badge } from './badge';

interface ConfidenceProps {
  metadata: Metadata;
  bands: Bands | undefined;
}

/** How sure the machine is: the badge with the flags beside it, a scale with the limits of the policy, what it is worth. */
export function Confidence({ metadata, bands }: ConfidenceProps): JSX.Element {
  const { confidence, thresholds, flags } = metadata;
  const limit = thresholds.confidence;
  const isBelow = confidence !== null && limit !== null && confidence < limit;
  return (
    <div class="confidence" data-below={isBelow}>
      <p class="confidence__value">
        <Badge confidence={confidence} bands={bands} />
        {flags.map((flag) => (
          <span key={flag} class="flag">
            {flagWords(flag)}
          </span>
        ))}
      </p>
      {confidence === null ? (
        <p class="confidence__note">The model did not say how sure it was. Read the output as if it could be wrong.</p>
      ) : (
        <Stated confidence={confidence} metadata={metadata} bands={bands} />
      )}
    </div>
  );
}

function Stated({ confidence, metadata, bands }: ConfidenceProps & { confidence: number }): JSX.Element {
  const limit = metadata.thresholds.confidence;
  const note = calibrationNote(metadata.confidence_kind);
  const isBelow = limit !== null && confidence < limit;
  return (
    <>
      {limit !== null && (
        <p class="confidence__limit">
          {isBelow ? (
            <>
              <b>Uncertain:</b> below the limit of {percentWords(limit)}
            </>
          ) : (
            `above the limit of ${percentWords(limit)}`
          )}
        </p>
      )}
      <Scale confidence={confidence} limit={limit} bands={bands} />
      <p class="confidence__note">
        <b>{note.label}.</b> {note.text}
      </p>
    </>
  );
}

interface ScaleProps {
  confidence: number;
  limit: number | null;
  bands: Bands | undefined;
}

function Scale({ confidence, limit, bands }: ScaleProps): JSX.Element {
  const at = (share: number): string => `${share * 100}%`;
  const label =
    `${percentWords(confidence)} on a scale from 0 to ${percentWords(1)}` +
    (limit === null ? '' : `; below ${percentWords(limit)} a person is asked`);
  return (
    <svg class="scale" role="img" aria-label={label} height="44" width="100%">
      <defs>
        <pattern id="asked" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line class="scale__hatch" x1="0" y1="0" x2="0" y2="6" />
        </pattern>
      </defs>
      <rect class="scale__track" x="0" y="14" width="100%" height="8" />
      {limit !== null && <rect x="0" y="14" width={at(limit)} height="8" fill="url(#asked)" />}
      {(bands ? [bands.yellow_from, bands.green_from] : [0.25, 0.5, 0.75]).map((share) => (
        <line key={share} class="scale__tick" x1={at(share)} x2={at(share)} y1="22" y2="25" />
      ))}
      {bands && (
        <>
          <rect class="scale__band" data-band="red" y="22" height="3" width={at(bands.yellow_from)} />
          <rect
            class="scale__band"
            data-band="yellow"
            y="22"
            height="3"
            x={at(bands.yellow_from)}
            width={at(Math.max(0, bands.green_from - bands.yellow_from))}
          />
          <rect
            class="scale__band"
            data-band="green"
            y="22"
            height="3"
            x={at(bands.green_from)}
            width={at(Math.max(0, 1 - bands.green_from))}
          />
        </>
      )}
      {limit !== null && (
        <>
          <line class="scale__limit" x1={at(limit)} x2={at(limit)} y1="10" y2="27" />
          <text
            class="scale__text"
            x={at(limit)}
            y="40"
            text-anchor={limit > 0.7 ? 'end' : limit < 0.3 ? 'start' : 'middle'}
          >
            a person below {percentWords(limit)}
          </text>
        </>
      )}
      <svg x={at(confidence)} overflow="visible">
        <path class="scale__marker" d="M0 13 L-6 3 L6 3 Z" />
        <line class="scale__needle" x1="0" x2="0" y1="12" y2="22" />
      </svg>
    </svg>
  );
}

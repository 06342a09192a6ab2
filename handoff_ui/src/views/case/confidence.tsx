import type { JSX } from 'preact';
import type { Metadata } from '../../trust/package';
import { calibrationNote, confidenceWord, percentWords } from '../../words/confidence';

/** How sure the machine is: a scale with the limit of the policy, the number, a word, and what the number is worth. */
export function Confidence({ metadata }: { metadata: Metadata }): JSX.Element {
  const { confidence, thresholds } = metadata;
  if (confidence === null) {
    return (
      <div class="confidence">
        <p class="confidence__value">Not stated</p>
        <p class="confidence__note">The model did not say how sure it was. Read the output as if it could be wrong.</p>
      </div>
    );
  }
  const limit = thresholds.confidence;
  const note = calibrationNote(metadata.confidence_kind);
  const isBelow = limit !== null && confidence < limit;
  return (
    <div class="confidence" data-below={isBelow}>
      <p class="confidence__value">
        <span class="confidence__number">{percentWords(confidence)}</span> {confidenceWord(confidence)}
        {limit !== null && (
          <span class="confidence__limit">
            {isBelow ? `below the limit of ${percentWords(limit)}` : `above the limit of ${percentWords(limit)}`}
          </span>
        )}
      </p>
      <Scale confidence={confidence} limit={limit} />
      <p class="confidence__note">
        <b>{note.label}.</b> {note.text}
      </p>
    </div>
  );
}

function Scale({ confidence, limit }: { confidence: number; limit: number | null }): JSX.Element {
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
      {[0.25, 0.5, 0.75].map((share) => (
        <line key={share} class="scale__tick" x1={at(share)} x2={at(share)} y1="22" y2="25" />
      ))}
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

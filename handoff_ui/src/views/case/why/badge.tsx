import type { JSX } from 'preact';
import { bandOf, BAND_WORDS, confidenceWord, percentWords, type Bands } from '../../../words/confidence';

/** The score as a badge: green, yellow or red by the bands of the policy, with a sign and words beside the colour (R-SUP-02). */
export function Badge({ confidence, bands }: { confidence: number | null; bands: Bands | undefined }): JSX.Element {
  const band = bandOf(confidence, bands);
  return (
    <span class="badge" data-band={band}>
      <svg class="badge__sign" width="10" height="10" viewBox="0 0 10 10" aria-hidden="true">
        {SIGNS[band]}
      </svg>
      {confidence === null ? (
        'The model gave no confidence'
      ) : (
        <>
          <b class="badge__number">{percentWords(confidence)} sure</b>
          <span>
            {confidenceWord(confidence).toLowerCase()}
            <span class="unseen">, {BAND_WORDS[band]}</span>
          </span>
        </>
      )}
    </span>
  );
}

const SIGNS: Record<ReturnType<typeof bandOf>, JSX.Element> = {
  green: <circle cx="5" cy="5" r="5" />,
  yellow: <path d="M5 0 L10 10 L0 10 Z" />,
  red: <rect width="10" height="10" />,
  none: <path d="M0 4 H10 V6 H0 Z" />,
};

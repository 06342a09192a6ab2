import type { ConfidenceKind } from '../trust/package';

/** "61 %", "77.9 %": enough digits that a value just under a threshold does not read as equal to it. */
export function percentWords(share: number): string {
  return `${(share * 100).toFixed(2).replace(/\.?0+$/, '')}\u00A0%`;
}

/** One word beside the number, so that it is never told by colour or place alone. */
export function confidenceWord(share: number): 'Very low' | 'Low' | 'Moderate' | 'High' | 'Very high' {
  if (share < 0.4) return 'Very low';
  if (share < 0.65) return 'Low';
  if (share < 0.8) return 'Moderate';
  return share < 0.95 ? 'High' : 'Very high';
}

/** What kind of number it is, and what it is worth (R-UI-29). */
export function calibrationNote(kind: ConfidenceKind | null): { label: string; text: string } {
  switch (kind) {
    case 'calibrated':
      return {
        label: 'Calibrated',
        text: 'Checked against past outcomes: of cases like this, about this share was right.',
      };
    case 'self_reported':
      return {
        label: 'Not calibrated',
        text: 'The model’s own estimate of itself. A sure and fluent answer can still be wrong.',
      };
    case 'heuristic':
      return { label: 'Not calibrated', text: 'A rule of thumb, not a measured probability. Read the output itself.' };
    case 'probability':
      return {
        label: 'Not calibrated',
        text: 'The model’s raw probability; how often it is right at this value was not measured.',
      };
    case null:
      return {
        label: 'Not calibrated',
        text: 'The workflow did not say how this number was made. Read the output itself.',
      };
  }
}

export interface Bands {
  green_from: number;
  yellow_from: number;
}

export type Band = 'green' | 'yellow' | 'red' | 'none';

/** The band of a score, from the policy of the case; these two where it says nothing (R-SUP-02). */
export function bandOf(confidence: number | null, bands: Bands = { green_from: 0.85, yellow_from: 0.6 }): Band {
  if (confidence === null) return 'none';
  if (confidence >= bands.green_from) return 'green';
  return confidence >= bands.yellow_from ? 'yellow' : 'red';
}

export const BAND_WORDS: Record<Band, string> = {
  green: 'in the green band',
  yellow: 'in the yellow band',
  red: 'in the red band',
  none: 'in no band',
};

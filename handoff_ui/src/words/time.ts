/** Times and distances as a person says them. All times in ms since 1970. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const clock = new Intl.DateTimeFormat('en-GB', CLOCK);
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short', ...CLOCK });
const full = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', ...CLOCK });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** "14:30" today, "Tue 24 Nov, 14:30" this year, "24 Nov 2025, 14:30" else. */
export function timeWords(at_ms: number, now_ms: number): string {
  const [at, now] = [new Date(at_ms), new Date(now_ms)];
  if (at.toDateString() === now.toDateString()) return clock.format(at);
  return (at.getFullYear() === now.getFullYear() ? weekday : full).format(at);
}

export function dateWords(at_ms: number): string {
  return day.format(at_ms);
}

export function dateTimeWords(at_ms: number): string {
  return full.format(at_ms);
}

/** "2 h 10 min", "3 d 4 h", "12 min", "40 s": two units at most, and never more than there is left. */
export function spanWords(span_ms: number): string {
  const span = Math.max(0, span_ms);
  if (span < MINUTE_MS) return `${Math.floor(span / 1000)} s`;
  if (span < HOUR_MS) return `${Math.floor(span / MINUTE_MS)} min`;
  if (span < DAY_MS) return pair(Math.floor(span / HOUR_MS), 'h', Math.floor((span % HOUR_MS) / MINUTE_MS), 'min');
  return pair(Math.floor(span / DAY_MS), 'd', Math.floor((span % DAY_MS) / HOUR_MS), 'h');
}

function pair(many: number, unit: string, few: number, subunit: string): string {
  return few === 0 ? `${many} ${unit}` : `${many} ${unit} ${few} ${subunit}`;
}

/** "in 2 h 10 min", "12 min ago". */
export function distanceWords(at_ms: number, now_ms: number): string {
  return at_ms > now_ms ? `in ${spanWords(at_ms - now_ms)}` : `${spanWords(now_ms - at_ms)} ago`;
}

export type Urgency = 'calm' | 'soon' | 'urgent' | 'over';

/** The only thing in the inbox that turns urgent. */
export function urgencyOf(due_ms: number, now_ms: number): Urgency {
  const left_ms = due_ms - now_ms;
  if (left_ms <= 0) return 'over';
  if (left_ms < 15 * MINUTE_MS) return 'urgent';
  return left_ms < HOUR_MS ? 'soon' : 'calm';
}

/** An ISO 8601 time, or null for a text that is none. */
export function parseTime(text: string | null | undefined): number | null {
  const at_ms = typeof text === 'string' && /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(at_ms) ? null : at_ms;
}

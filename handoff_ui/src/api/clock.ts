/** The companion's time. A phone whose clock is wrong would show wrong deadlines and call good tokens expired. */

const TOLERATED_MS = 5_000;
let offset_ms = 0;

/** Takes the `Date` header of an answer; it has whole seconds, so small differences mean nothing. */
export function noteServerTime(header: string | null): void {
  const server_ms = header === null ? NaN : Date.parse(header);
  if (Number.isNaN(server_ms)) return;
  const ahead_ms = server_ms - Date.now();
  offset_ms = Math.abs(ahead_ms) > TOLERATED_MS ? ahead_ms : 0;
}

export function now_ms(): number {
  return Date.now() + offset_ms;
}

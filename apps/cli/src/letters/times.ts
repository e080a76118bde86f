/** A time for a table, UTC to the second; a timestamp that is none as the number it is. */
export function secondsOf(ms: number): string {
  return timeOf(ms).replace(/\.\d{3}Z$/, 'Z');
}

/** A time for JSON, UTC to the ms. */
export function timeOf(ms: number): string {
  // Who writes a record says when: it may be no time at all.
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : String(ms);
}

/** A time as all commands write it, UTC to the ms; a timestamp that is none of a date (Kafka's -1) as the number it is. */
export function isoTime(ms: number): string {
  // Who writes a record says when: it may be no time at all.
  return ms >= 0 && ms <= 8.64e15 ? new Date(ms).toISOString() : String(ms);
}

/** The inverse of {@link isoTime}; NaN for what it does not write. */
export function msOfIsoTime(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text);
  return /^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/.test(text) ? Date.parse(text) : Number.NaN;
}

/** The same to the second, for a table. */
export function secondsOf(ms: number): string {
  return isoTime(ms).replace(/\.\d{3}Z$/, 'Z');
}

/** The same without its year, where there is little room: `11-28 18:08:55`. */
export function shortSecondsOf(ms: number): string {
  return isoTime(ms).replace(/^\d{4}-(.{5})T(.{8})\.\d{3}Z$/, '$1 $2');
}

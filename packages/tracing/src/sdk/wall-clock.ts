/** How far the monotonic clock may be from the wall clock before it is set again, ms. */
const MAX_APART_MS = 5;

let offsetMs = performance.timeOrigin;

/** Ms since the epoch, to the microsecond. It runs evenly, unless the machine's clock is set. */
export function wallClock(): number {
  const ms = offsetMs + performance.now();
  const apartMs = Date.now() - ms;
  if (apartMs > -MAX_APART_MS && apartMs < MAX_APART_MS) return ms;
  offsetMs += apartMs;
  return ms + apartMs;
}

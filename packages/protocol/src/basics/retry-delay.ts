/** Waits between attempts, ms: doubled each time, from 250 ms to `mostMs`. The first attempt that failed is 0. */
export function retryDelayMs(attempt: number, mostMs = 2000): number {
  return Math.min(mostMs, 250 * 2 ** Math.min(attempt, 10));
}

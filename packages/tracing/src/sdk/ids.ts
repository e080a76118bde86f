import { randomFillSync } from 'node:crypto';

const POOL_BYTES = 4096;
const pool = Buffer.allocUnsafe(POOL_BYTES);
let at = POOL_BYTES;

/** Random bytes as hex; asking the system once for many costs a tenth of asking for each. */
function hex(bytes: number): string {
  if (at + bytes > POOL_BYTES) {
    randomFillSync(pool);
    at = 0;
  }
  at += bytes;
  return pool.toString('hex', at - bytes, at);
}

/** A new trace id, 32 hex digits (W3C Trace Context §3.2.2.3). */
export const newTraceId = (): string => hex(16);
/** A new span id, 16 hex digits (§3.2.2.4). */
export const newSpanId = (): string => hex(8);

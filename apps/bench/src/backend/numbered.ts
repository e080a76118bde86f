import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { formatLast, formatLine } from '../payload/numbered.js';

/** A stream takes LINES * GAP_MS, ten seconds. */
const LINES = 200;
const GAP_MS = 50;

/** Sends a finite stream of numbered lines, without telling its length. */
export function sendNumbered(response: ServerResponse, stream: number): void {
  const execution = randomBytes(6).toString('hex');
  let number = 0;
  response.writeHead(200, { 'Content-Type': 'text/plain' });
  const timer = setInterval(() => {
    if (number < LINES) {
      response.write(formatLine({ stream, execution, number }));
      number++;
    } else {
      response.end(formatLast({ stream, execution, number }));
      clearInterval(timer);
    }
  }, GAP_MS);
  response.once('close', () => clearInterval(timer));
}

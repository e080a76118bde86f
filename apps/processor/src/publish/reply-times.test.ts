import { expect, it } from 'vitest';
import { timesOf } from './reply-times.js';

const run = (timestampMs: number, backendMs?: number) =>
  ({ taken: { record: { timestampMs } }, takenMs: 1_000, ...(backendMs !== undefined && { backendMs }) }) as never;

it('tells the queue and the attempts, beside all that it took', () => {
  expect(timesOf(run(988, 30.6), 33)).toEqual({ tookMs: 33, queueMs: 12, backendMs: 31 });
});

it('leaves out what it does not know: a record of the future, a request without attempts', () => {
  expect(timesOf(run(1_001), null)).toEqual({ tookMs: null });
});

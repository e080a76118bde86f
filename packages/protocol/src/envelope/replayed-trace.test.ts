import { expect, it } from 'vitest';
import { replayedTraceOf } from './replayed-trace.js';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const of = (replay: string | Buffer) => replayedTraceOf([{ khp: '{}' }, { 'khp-replay': replay }]);

it('reads the context of the letter that was sent again', () => {
  expect(of(Buffer.from(JSON.stringify({ v: 1, trace: TRACEPARENT })))).toEqual({
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    sampled: true,
  });
});

it.each([
  '',
  'null',
  '[]',
  '{',
  '{}',
  '{"trace":1}',
  '{"trace":"00-a-b-01"}',
  `{"trace":"${TRACEPARENT}"}${' '.repeat(4096)}`,
])('finds none in %j', (replay) => {
  expect(of(replay)).toBeNull();
  expect(replayedTraceOf([{ khp: replay }])).toBeNull();
});

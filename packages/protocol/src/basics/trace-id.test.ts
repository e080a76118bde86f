import { expect, it } from 'vitest';
import { traceIdOf } from './trace-id.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

it.each([`00-${TRACE}-${PARENT}-01`, `00-${TRACE}-${PARENT}-00`, `cc-${TRACE}-${PARENT}-01-what-will-be`])(
  'finds the trace id of %s',
  (traceparent) => {
    expect(traceIdOf(traceparent)).toBe(TRACE);
  },
);

it.each([
  '',
  'hello',
  `00-${TRACE}-${PARENT}`,
  `00-${TRACE}-${PARENT}-01-more`,
  `cc-${TRACE}-${PARENT}-01.more`,
  `ff-${TRACE}-${PARENT}-01`,
  `00-${TRACE.toUpperCase()}-${PARENT}-01`,
  `00-${'0'.repeat(32)}-${PARENT}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  ` 00-${TRACE}-${PARENT}-01`,
])('finds none in %j, which the specification has one ignore', (traceparent) => {
  expect(traceIdOf(traceparent)).toBeNull();
});

import { expect, it } from 'vitest';
import { phasesOf } from './phases.js';

const OBSERVED = { sentMs: 1000, publishMs: 5, repliedMs: 1100, recordMs: 1096, tookMs: 80 };

it('shares the time out: publish, queue, backend, reply', () => {
  expect(phasesOf(OBSERVED)).toEqual({ publish: 5, queue: 11, backend: 80, reply: 4 });
});

it.each([
  ['is ahead', { recordMs: 1400 }],
  ['is behind', { recordMs: 700 }],
])('does not tell the queue from the way back where the other clock %s', (_how, other) => {
  expect(phasesOf({ ...OBSERVED, ...other })).toEqual({ publish: 5, queue: null, backend: 80, reply: null });
});

it('takes a millisecond or two less than nothing for nothing', () => {
  expect(phasesOf({ ...OBSERVED, recordMs: 1101 })).toMatchObject({ reply: 0, queue: 16 });
  expect(phasesOf({ ...OBSERVED, tookMs: 93 })).toMatchObject({ queue: 0, reply: 4 });
});

it('knows that a late acknowledgement has taken its time from the queue', () => {
  expect(phasesOf({ ...OBSERVED, publishMs: 40, repliedMs: 1100, tookMs: 80 })).toMatchObject({ queue: 0, reply: 4 });
});

it('knows no more than the publishing where the processor does not say what it took', () => {
  expect(phasesOf({ ...OBSERVED, tookMs: null })).toEqual({ publish: 5, queue: null, backend: null, reply: null });
});

import { FakeClock } from '@kafka-http-proxy/streams/testing';
import { expect, it } from 'vitest';
import type { Destination } from '../destination.js';
import { createAdmission } from './admission.js';

function setUp(connected: Promise<void>) {
  const clock = new FakeClock();
  const ready = { is: false };
  const overload = { check: () => undefined };
  const admission = createAdmission({
    maxPending: 1,
    topicShare: 0.5,
    kafkaReady: () => ready.is,
    overload,
    connected,
    clock,
  });
  return { admission, clock, ready };
}
const anywhere = {} as Destination;
const no = () => false;

it('has requests wait for Kafka while the service starts, and no longer than that', async () => {
  const { admission, clock } = setUp(new Promise(() => {}));
  const opening = admission.opening();
  expect(opening).not.toBeNull();
  await clock.advance(4999);
  expect(admission.opening()).not.toBeNull();
  await clock.advance(1);
  await opening;
  expect(admission.opening()).toBeNull();
  expect(() => admission.enter(anywhere, no)).toThrow('Kafka cannot be reached');
});

it.each([
  ['can be used', () => Promise.resolve()],
  ['never can', () => Promise.reject(new Error('refused'))],
])('ends the wait when Kafka %s', async (_what, connected) => {
  const { admission, clock } = setUp(connected());
  await admission.opening();
  expect(admission.opening()).toBeNull();
  expect(clock.waiting).toBe(0);
});

it('takes so many at once', () => {
  const { admission, ready } = setUp(Promise.resolve());
  ready.is = true;
  const place = admission.enter(anywhere, no);
  expect(() => admission.enter(anywhere, no)).toThrow('max_pending');
  admission.leave(place);
  admission.enter(anywhere, no);
  expect(() => admission.enter(anywhere, no)).toThrow('max_pending');
});

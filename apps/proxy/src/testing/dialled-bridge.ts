import type { RawClient } from '@kafka-http-proxy/testkit';
import { afterEach, expect } from 'vitest';
import { SMALL, startTestBridge } from './bridge.js';

/*
 * A data plane, the core behind it and a client that has dialled it: one of each a test. vitest loads this module for
 * each file of tests anew, so that files share nothing.
 */

export let test: Awaited<ReturnType<typeof startTestBridge>>;
export let client: RawClient;
afterEach(() => {
  client.close();
  test.plane.stop();
});

/** Begins a test, with settings over {@link SMALL}. */
export async function set(settings: Record<string, unknown> = {}): Promise<void> {
  test = await startTestBridge({ ...SMALL, ...settings });
  client = await test.plane.dial();
}

/** Resolves when so many requests were published. */
export const published = (count = 1): Promise<void> => expect.poll(() => test.published.length).toBe(count);

/** All of the body that was sent in parts. */
export const body = (): Buffer => Buffer.concat(test.sent.map(({ part }) => part.body ?? Buffer.alloc(0)));

/** Whether the processor was told that nobody waits any more. */
export const cancelled = (): boolean => test.sent.some(({ part }) => part.sequence.cancel);

/** Resolves when no conversation, no waiting client and no memory is held. */
export const nothingLeft = (): Promise<void> =>
  expect
    .poll(() => [test.streams.conversations.size, test.pending.size, test.budget.streams, test.budget.held('body')])
    .toEqual([0, 0, 0, 0]);

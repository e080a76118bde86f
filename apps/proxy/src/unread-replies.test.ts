import { createMemoryBudget } from '@kafka-http-proxy/streams';
import { expect, it } from 'vitest';
import { createUnreadReplies } from './unread-replies.js';

it('of the replies that wait for their clients the one that stands still longest makes way', () => {
  const budget = createMemoryBudget({ limitBytes: 2_000_000, maxStreams: 1, streamWindow: 65_536 });
  const unread = createUnreadReplies(budget);
  const cut: string[] = [];
  const waits = (name: string, stillMs: number) => {
    expect(unread.reserve(300_000)).toBe(true);
    unread.add({
      stillMs: () => stillMs,
      cut() {
        cut.push(name);
        unread.release(300_000);
      },
    });
  };
  waits('moves', 0);
  waits('still', 5000);
  expect(unread.reserve(300_000)).toBe(true);
  expect(cut).toEqual(['still']);
  expect(unread.reserve(300_000)).toBe(false);
  expect(cut).toEqual(['still']);
});

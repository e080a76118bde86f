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

it('of the streams that fill the windows the one that stands still longest makes way for a new one', () => {
  const budget = createMemoryBudget({ limitBytes: 262_144, maxStreams: 10, streamWindow: 131_072 });
  const unread = createUnreadReplies(budget);
  const cut: string[] = [];
  const opens = (topic: string, stillMs: number) => {
    expect(unread.enter(topic)).toBe(true);
    unread.addStream({
      stillMs: () => stillMs,
      cut() {
        cut.push(topic);
        budget.leave(topic);
      },
    });
  };
  // Two windows are all there is.
  const holding = budget.lease();
  opens('still', 5000);
  holding.hold(65_536 + 65_536);
  expect(budget.crowded).toBe(true);
  opens('moves', 0);
  expect(cut).toEqual(['still']);
  expect(unread.enter('late')).toBe(false);
  expect(cut).toEqual(['still']);
});

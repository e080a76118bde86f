import type { Deadline, DeadlineClock } from '@kafka-http-proxy/streams';
import type { Waiter } from '../waiter.js';

/** Requests that wait for their reply, by correlation id. */
export interface PendingRequests {
  /** Registers who waits for a reply to a request to `topic`; `expire` is called once when `timeoutMs` have passed without one. */
  add(id: string, topic: string, waiter: Waiter, timeoutMs: number, expire: () => void): void;
  /** The request topic of who waits; undefined when nobody does. */
  topicOf(id: string): string | undefined;
  /** Starts the time of a waiter again: its request makes progress. */
  extend(id: string): void;
  /** Takes the waiter out, so that it is settled at most once; undefined when nobody waits (any longer). */
  take(id: string): Waiter | undefined;
  /** Takes all out: for the end of a shutdown. */
  takeAll(): Array<[id: string, waiter: Waiter]>;
  readonly size: number;
  /** Those of one request topic. */
  waiting(topic: string): number;
}

interface Entry {
  readonly topic: string;
  readonly waiter: Waiter;
  readonly deadline: Deadline;
}

/**
 * @example
 * const pending = createPendingRequests(systemClock);
 * pending.add(id, 'orders', waiter, 30_000, () => pending.take(id)?.fail(tooLate, id));
 * pending.take(id)?.reply(reply);
 */
export function createPendingRequests(clock: Pick<DeadlineClock, 'deadline'>): PendingRequests {
  const entries = new Map<string, Entry>();
  const byTopic = new Map<string, number>();
  const count = (topic: string, more: number) => {
    const now = (byTopic.get(topic) ?? 0) + more;
    if (now > 0) byTopic.set(topic, now);
    else byTopic.delete(topic);
  };
  const take = (id: string) => {
    const entry = entries.get(id);
    if (entry === undefined) return undefined;
    entries.delete(id);
    count(entry.topic, -1);
    entry.deadline.close();
    return entry.waiter;
  };
  return {
    add(id, topic, waiter, timeoutMs, expire) {
      count(topic, 1);
      entries.set(id, { topic, waiter, deadline: clock.deadline(timeoutMs, expire) });
    },
    topicOf: (id) => entries.get(id)?.topic,
    extend: (id) => void entries.get(id)?.deadline.refresh(),
    take,
    takeAll() {
      const taken = [...entries].map(([id, entry]): [string, Waiter] => [id, entry.waiter]);
      for (const [id] of taken) take(id);
      return taken;
    },
    get size() {
      return entries.size;
    },
    waiting: (topic) => byTopic.get(topic) ?? 0,
  };
}

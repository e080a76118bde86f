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
  readonly id: string;
  readonly topic: TopicCount;
  readonly waiter: Waiter;
  readonly deadline: Deadline;
  /** The next one in its slot. */
  next: Entry | null;
}

/** How many wait of one request topic. */
interface TopicCount {
  readonly topic: string;
  waiting: number;
}

/** So many topics are kept though nobody waits: a Map that changes with each request costs. Strangers may name more. */
const KEPT_TOPICS = 100;

/** A power of two: about as many may wait before two of them commonly share a slot. */
const SLOTS = 4096;

/**
 * A table of slots, of which an id names its own by three of its random characters. A Map would do the same, but V8
 * makes the table of a Map anew as it changes, and that of one that lives as long as the process is garbage of the old
 * space: here nothing is made for a request but its entry.
 *
 * @example
 * const pending = createPendingRequests(systemClock);
 * pending.add(id, 'orders', waiter, 30_000, () => pending.take(id)?.fail(tooLate, id));
 * pending.take(id)?.reply(reply);
 */
export function createPendingRequests(clock: Pick<DeadlineClock, 'deadline'>): PendingRequests {
  const slots: (Entry | null)[] = new Array<Entry | null>(SLOTS).fill(null);
  const topics = new Map<string, TopicCount>();
  let size = 0;

  const find = (id: string): Entry | undefined => {
    let entry = slots[slotOf(id)] ?? null;
    while (entry !== null && entry.id !== id) entry = entry.next;
    return entry ?? undefined;
  };
  const take = (id: string): Waiter | undefined => {
    const slot = slotOf(id);
    let before: Entry | null = null;
    let entry = slots[slot] ?? null;
    while (entry !== null && entry.id !== id) {
      before = entry;
      entry = entry.next;
    }
    if (entry === null) return undefined;
    if (before === null) slots[slot] = entry.next;
    else before.next = entry.next;
    size--;
    if (--entry.topic.waiting === 0 && topics.size > KEPT_TOPICS) topics.delete(entry.topic.topic);
    entry.deadline.close();
    return entry.waiter;
  };
  const countOf = (topic: string): TopicCount => {
    let count = topics.get(topic);
    if (count === undefined) {
      count = { topic, waiting: 0 };
      topics.set(topic, count);
    }
    return count;
  };
  return {
    add(id, topic, waiter, timeoutMs, expire) {
      const slot = slotOf(id);
      const count = countOf(topic);
      count.waiting++;
      size++;
      slots[slot] = {
        id,
        topic: count,
        waiter,
        deadline: clock.deadline(timeoutMs, expire),
        next: slots[slot] ?? null,
      };
    },
    topicOf: (id) => find(id)?.topic.topic,
    extend: (id) => void find(id)?.deadline.refresh(),
    take,
    takeAll() {
      const taken: Array<[string, Waiter]> = [];
      for (const first of slots)
        for (let entry = first; entry !== null; entry = entry.next) taken.push([entry.id, entry.waiter]);
      for (const [id] of taken) take(id);
      return taken;
    },
    get size() {
      return size;
    },
    waiting: (topic) => topics.get(topic)?.waiting ?? 0,
  };
}

/** Where the random part of an id begins: `<nonce>-<random>…`. A shorter one, which none of ours is, has slot 0. */
const RANDOM_AT = 9;

function slotOf(id: string): number {
  const mixed = (id.charCodeAt(RANDOM_AT) << 8) ^ (id.charCodeAt(RANDOM_AT + 1) << 4) ^ id.charCodeAt(RANDOM_AT + 2);
  return mixed & (SLOTS - 1);
}

import { BridgeError, type ReplyEnvelope } from '@kafka-http-proxy/protocol';
import type { Clock } from '@kafka-http-proxy/streams';
import type { Destination } from '../destination.js';

/**
 * Refuses requests that would have to wait too long for their turn, so that those that are taken are
 * answered in time: a queue as long as the timeout makes work that nobody waits for any more.
 */
export interface Overload {
  /** @throws {BridgeError} `overloaded`, when a request that comes now would wait for more than half of its timeout */
  check(to: Pick<Destination, 'requestTopic' | 'timeoutMs'>): void;
  /**
   * A request was answered, `elapsedMs` after it was handed to Kafka. A reply that failed was not worked off, so it
   * says nothing about how fast that goes; nor does one that does not say how long it took.
   */
  replied(
    to: Pick<Destination, 'requestTopic' | 'timeoutMs'>,
    reply: Pick<ReplyEnvelope, 'tookMs' | 'error'>,
    elapsedMs: number,
  ): void;
}

/** What overload is judged by. */
export interface OverloadOptions {
  /** False: nothing is refused. Asked for each request. */
  readonly on: boolean;
  /** Requests to a topic that have no reply yet. */
  waiting(topic: string): number;
  readonly clock: Clock;
}

/** A queue is one when requests waited for this share of their timeout … */
const QUEUED_SHARE = 0.1;
/** … each of those that were answered in such a share of it, or in this time, ms: a stop (a deployment, a broker) makes no overload. */
const QUEUED_MS = 500;
/** A request may have to wait for this share of its timeout. */
const WAIT_SHARE = 0.5;
/** Few requests say little about how fast they are worked off. */
const LEAST_WAITING = 8;
/** When so many replies at the known rate fail to come, and nothing comes for as long as makes a queue, it is a stop. */
const STOPPED_REPLIES = 10;
/** Replies come in batches; their rate is taken over at least this, ms. */
const RATE_MS = 250;

/** How long there has to be a queue for anything to be refused, ms. */
function leastMs(timeoutMs: number): number {
  return Math.max(QUEUED_MS, timeoutMs * QUEUED_SHARE);
}

/** The queue before a topic, for as long as there is one. */
interface Queue {
  readonly sinceMs: number;
  /** Replies a millisecond since then; null until the first count. */
  rate: number | null;
  countedFromMs: number;
  counted: number;
  repliedMs: number;
}

/**
 * Little's law: with `waiting` requests before it and `rate` replies a second, a request waits
 * `waiting / rate`. The rate is that at which requests are worked off only while there is a queue;
 * without one it is that at which they come, and nothing is refused.
 *
 * @example
 * const overload = createOverload({ on: true, waiting: pending.waiting, clock: systemClock });
 * overload.check(destination); // throws when its topic is behind
 */
export function createOverload(options: OverloadOptions): Overload {
  const { waiting, clock } = options;
  const queues = new Map<string, Queue>();
  return {
    check({ requestTopic, timeoutMs }) {
      const queue = queues.get(requestTopic);
      if (!options.on || queue === undefined || queue.rate === null) return;
      const count = waiting(requestTopic);
      if (count < LEAST_WAITING || clock.now() - queue.sinceMs < leastMs(timeoutMs)) return;
      const waitMs = count / queue.rate;
      if (waitMs <= timeoutMs * WAIT_SHARE) return;
      const detail = `Requests to this topic wait for about ${(waitMs / 1000).toFixed(1)} s at the moment.`;
      throw new BridgeError('overloaded', detail);
    },
    replied({ requestTopic: topic, timeoutMs }, { tookMs, error }, elapsedMs) {
      if (tookMs === null || error !== null) return;
      const waitedMs = elapsedMs - tookMs;
      if (waitedMs < timeoutMs * QUEUED_SHARE) {
        queues.delete(topic);
        return;
      }
      const nowMs = clock.now();
      const queue = queues.get(topic);
      if (queue === undefined) {
        // What was counted before would be the rate at which requests came, or that of a stop.
        queues.set(topic, { sinceMs: nowMs, rate: null, countedFromMs: nowMs, counted: 0, repliedMs: nowMs });
        return;
      }
      const silentMs = nowMs - queue.repliedMs;
      queue.repliedMs = nowMs;
      if (queue.rate !== null && silentMs >= leastMs(timeoutMs) && silentMs * queue.rate >= STOPPED_REPLIES) {
        // A topic was paused, or brokers were away: that is not how fast it goes.
        queue.countedFromMs = nowMs;
        queue.counted = 0;
        return;
      }
      queue.counted++;
      const spanMs = nowMs - queue.countedFromMs;
      if (spanMs < RATE_MS) return;
      const rate = queue.counted / spanMs;
      queue.rate = queue.rate === null ? rate : (queue.rate + rate) / 2;
      queue.countedFromMs = nowMs;
      queue.counted = 0;
    },
  };
}

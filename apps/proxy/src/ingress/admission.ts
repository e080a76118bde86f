import { BridgeError } from '@kafka-http-proxy/protocol';
import type { Clock } from '@kafka-http-proxy/streams';
import type { Destination } from '../destination.js';
import type { Overload } from '../exchange/overload.js';
import { createPlaces, type GiveUp, type Place } from './places.js';

/** Decides whether a request may come in at all, and counts those that are in. */
export interface Admission {
  /**
   * While the service is starting: what a request waits for before it asks to {@link enter}; null afterwards. A
   * balancer without health checks sends requests as soon as something listens.
   */
  opening(): Promise<void> | null;
  /**
   * Takes a place of `max_pending`, to be given back by {@link leave}.
   *
   * @param giveUp asked when the place could go to a topic that has less; true: it is left
   * @throws {BridgeError} `kafka_unavailable`, `overloaded`
   */
  enter(to: Destination, giveUp: GiveUp): Place;
  leave(place: Place): void;
}

/** What decides whether a request comes in. */
export interface AdmissionOptions {
  /** Asked for each request, as is the next. */
  readonly maxPending: number;
  /** What of it is a topic's own. */
  readonly topicShare: number;
  /** False while nothing can be published or no reply be read. */
  readonly kafkaReady: () => boolean;
  readonly overload: Pick<Overload, 'check'>;
  /** Resolves when Kafka can be used for the first time; rejects when it never can. */
  readonly connected: Promise<void>;
  readonly clock: Clock;
}

/** How long after its start a proxy has requests wait for Kafka before it refuses them, ms. */
const START_MS = 5000;

/**
 * Lets requests in while there are places, Kafka can be used, and their topic is not behind.
 *
 * @example
 * const admission = createAdmission({ maxPending: 1000, topicShare: 0.5, kafkaReady, overload, connected, clock });
 * await admission.opening();
 * const place = admission.enter(destination, () => false);
 * response.once('close', () => admission.leave(place));
 */
export function createAdmission(options: AdmissionOptions): Admission {
  const { kafkaReady, overload } = options;
  const places = createPlaces({
    get most() {
      return options.maxPending;
    },
    get share() {
      return options.topicShare;
    },
  });
  let opening: Promise<void> | null = untilOpen(options).then(() => {
    opening = null;
  });
  return {
    opening: () => opening,
    enter(to, giveUp) {
      if (!kafkaReady()) throw new BridgeError('kafka_unavailable', 'Kafka cannot be reached at the moment.');
      overload.check(to);
      const place = places.take(to.requestTopic, giveUp);
      if (place !== null) return place;
      throw new BridgeError(
        'overloaded',
        `${options.maxPending} requests are waiting for a reply already (max_pending).`,
      );
    },
    leave: places.leave,
  };
}

function untilOpen({ connected, clock }: Pick<AdmissionOptions, 'connected' | 'clock'>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(START_MS, resolve);
    const open = () => {
      cancel();
      resolve();
    };
    connected.then(open, open);
  });
}

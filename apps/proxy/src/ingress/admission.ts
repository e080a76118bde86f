import { BridgeError } from '@kafka-http-proxy/protocol';
import type { Overload } from '../overload.js';
import type { Destination } from '../routing.js';

/** Decides whether a request may come in at all, and counts those that are in. */
export interface Admission {
  /** @throws {BridgeError} `kafka_unavailable`, `overloaded` */
  enter(to: Destination): void;
  leave(): void;
  readonly inside: number;
}

export interface AdmissionOptions {
  readonly maxPending: number;
  /** False while nothing can be published or no reply be read. */
  readonly kafkaReady: () => boolean;
  readonly overload: Pick<Overload, 'check'>;
}

export function createAdmission({ maxPending, kafkaReady, overload }: AdmissionOptions): Admission {
  let inside = 0;
  return {
    enter(to) {
      if (!kafkaReady()) throw new BridgeError('kafka_unavailable', 'Kafka cannot be reached at the moment.');
      if (inside >= maxPending) {
        throw new BridgeError('overloaded', `${maxPending} requests are waiting for a reply already (max_pending).`);
      }
      overload.check(to);
      inside++;
    },
    leave() {
      inside--;
    },
    get inside() {
      return inside;
    },
  };
}

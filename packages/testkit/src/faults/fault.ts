import type { RealKafka } from '../kafka/real-kafka.js';
import type { Setting, World } from './world.js';

/** What a fault can break. */
export interface Arena {
  readonly world: World;
  readonly kafka: RealKafka;
}

/** Something that goes wrong while there is load, and what may come of it. */
export interface Fault {
  readonly name: string;
  /** One, or three with replication 3 and min.insync.replicas 2. */
  readonly brokers: 1 | 3;
  readonly proxies: number;
  readonly processors: number;
  /** Codes of failures that it explains: of a problem, or of a connection (ECONNRESET). */
  readonly codes: readonly string[];
  /** Whether work that was under way may run again. */
  readonly repeats: boolean;
  /** Longest time without an answer that is accepted, ms. */
  readonly maxGapMs: number;
  /** What is between and around the processes, where it is not the plain thing. */
  readonly setting?: Setting;
  /** In the short form too. */
  readonly short: boolean;
  /** Breaks it and puts it right again. */
  inject(arena: Arena): Promise<void>;
}

/** How a client sees that the process before it went away. */
export const CONNECTION_LOST = ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'socket hang up'];

/** What most faults have in common: two of each tier, and nothing that a client may notice. */
export const UNNOTICED = {
  brokers: 1,
  proxies: 2,
  processors: 2,
  codes: [],
  repeats: false,
  maxGapMs: 3000,
  short: false,
} as const;

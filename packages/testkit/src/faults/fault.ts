import type { RealKafka } from '../kafka/real-kafka.js';
import type { World } from './world.js';

/** What a fault can break. */
export interface Arena {
  readonly world: World;
  readonly kafka: RealKafka;
}

export type Tier = 'proxies' | 'processors';

/** What is between and around the processes of a world. */
export interface Setting {
  /** Clients go through docker/nginx/nginx.conf, and not to the proxies in turn. */
  readonly nginx?: true;
  /** The tier whose way to Kafka goes through {@link World.network}. */
  readonly relayed?: Tier;
  /** Its way goes through {@link World.forgetful} instead. */
  readonly forgetful?: true;
  /** Of both tiers, and of the processors. */
  readonly env?: Readonly<Record<string, string>>;
  readonly processorEnv?: Readonly<Record<string, string>>;
  /** A tier whose clocks are ahead. */
  readonly clock?: { readonly of: Tier; readonly aheadSeconds: number };
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

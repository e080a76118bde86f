import type { RealKafka } from '../../kafka/real-kafka.js';
import type { CheckId } from './catalogue.js';
import type { Container } from './container.js';
import type { Stack } from './stack.js';

/** What an attack came to. */
export interface Finding {
  /** What was counted, in a few words: "0 of 1,000 forged answers accepted". */
  readonly came: string;
  /** What others got meanwhile, in a few words. */
  readonly others: string;
  /** Sentences: what should not have been. */
  readonly complaints: readonly string[];
}

/** The processes that a group of checks runs against, and what is around them. */
export interface Arena {
  readonly stack: Stack;
  close(): Promise<void>;
}

/** What a group is opened with. */
export interface Ground {
  readonly kafka: RealKafka;
  readonly container: Container;
}

/** One input of a stranger. */
export interface Check<A extends Arena> {
  readonly id: CheckId;
  /** Longest that it may take, ms; 30 s when left out. */
  readonly limitMs?: number;
  /** Runs beside the others of its group, from the first to the last: for one that mostly waits. */
  readonly alongside?: true;
  /** Attacks and looks what came of it; that the processes live is looked at by the driver. */
  run(arena: A): Promise<Finding>;
}

/** Checks that can follow each other on the same processes. */
export interface Group<A extends Arena = Arena> {
  open(ground: Ground): Promise<A>;
  readonly checks: readonly Check<A>[];
}

/** What Kafka says of a topic at one moment. */
export interface TopicState {
  /** KIP-516: another topic of the same name has another id; null where the brokers have none (before 2.8). */
  readonly id: string | null;
  readonly partitions: number;
}

/** Null: there is no such topic. A topic of which Kafka says nothing (an ACL, no leader yet) is left out. */
export type TopicStates = ReadonlyMap<string, TopicState | null>;

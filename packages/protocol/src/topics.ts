/** Kafka's own rule (org.apache.kafka.common.internals.Topic): 1-249 of these characters, and neither `.` nor `..`. */
const LEGAL_TOPIC = /^[A-Za-z0-9._-]{1,249}$/;

/** True for a name that Kafka accepts for a topic. */
export function isLegalTopic(name: string): boolean {
  return LEGAL_TOPIC.test(name) && name !== '.' && name !== '..';
}

/** True for topics that belong to Kafka itself (`__consumer_offsets`, `__transaction_state`, …). */
export function isInternalTopic(name: string): boolean {
  return name.startsWith('__');
}

/**
 * True for topics that tools keep for themselves by custom (`_schemas`, `_confluent-…`): a record there is a
 * command. `*` does not stand for them; a glob that begins with `_` does.
 */
export function isHiddenTopic(name: string): boolean {
  return name.startsWith('_');
}

/** The topic with the marks of what was done about dead letters: nobody's to reply to, as theirs is. */
export function marksTopic(deadLetterTopic: string): string {
  return `${deadLetterTopic}-marks`;
}

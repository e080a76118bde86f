/** A request that nobody answered, and what its consumer group did meanwhile. */
export interface Silence {
  readonly topic: string;
  /** Where the request is; null: Kafka did not say that it has it. */
  readonly at: { readonly partition: number; readonly offset: number } | null;
  readonly group: string;
  /** Committed offsets by partition, before the request was sent; null: Kafka did not tell. */
  readonly before: ReadonlyMap<number, number> | null;
  /** And after it was waited for. */
  readonly after: ReadonlyMap<number, number> | null;
  /** Whether a processor answered that it reads the topic. */
  readonly answered: boolean;
}

/**
 * Says who is to blame for a request that got no reply, as far as committed offsets tell; null where they add nothing
 * to what the processors said. Members of the group can't be asked for: a request for them can end the process.
 */
export function explainSilence({ topic, at, group, before, after, answered }: Silence): string | null {
  if (at === null || after === null) return null;
  if (after.size === 0) {
    const what = `group ${group} has never committed an offset of ${topic}`;
    // One that has just begun has committed nothing yet either.
    return answered ? null : `No processor reads this topic: ${what}. Does the processor's group have another name?`;
  }
  const committed = after.get(at.partition);
  if (committed !== undefined && committed > at.offset)
    return `A processor took the request up and is done with it: group ${group} is at ${committed} of partition ${at.partition}.`;
  if (answered || before === null) return null;
  const moved = [...after].some(([partition, offset]) => offset !== before.get(partition));
  const where = committed === undefined ? 'nowhere' : `at ${committed}`;
  if (moved)
    return `A processor reads this topic, and is slow or behind: group ${group} is ${where} in partition ${at.partition}, the request at ${at.offset}.`;
  return `No processor reads this topic: group ${group} stands still ${where} in partition ${at.partition}, the request is at ${at.offset}. (Or one that answers no questions has worked on the same requests all the time.)`;
}

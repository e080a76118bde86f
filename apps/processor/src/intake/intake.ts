import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import { Queue, queuedBytes } from '@kafka-http-proxy/protocol';
import type { Dispatcher } from '../dispatch/dispatcher.js';
import type { Assignment, Assignments } from '../partitions/assignment.js';

export interface IntakeOptions {
  readonly assignments: Pick<Assignments, 'get'>;
  readonly dispatcher: Pick<Dispatcher, 'hold' | 'unhold'>;
  /** Takes a record up, or leaves it where its partition is not ours. Must not throw. */
  readonly take: (record: KafkaRecord) => void;
}

/** A record that has come, and is not taken up yet. */
interface Waiting {
  readonly record: KafkaRecord;
  readonly assignment: Assignment;
}

/** Most records that are taken up in one turn of the event loop. */
const IN_A_TURN = 64;

/**
 * Takes up what the consumers hand over, a share of it in each turn of the event loop.
 *
 * Each consumer hands over what one poll has got, and there may be many consumers. Were all of it taken up there and then,
 * records of a backlog would be read before their topic could be paused. What waits here is counted as soon as it comes,
 * which costs microseconds a record, so that the pause comes in time.
 *
 * The order of a partition's records stays. What waits of a partition that is given up is its new owner's.
 *
 * @example
 * const onRecord = createIntake({ assignments, dispatcher, take });
 * onRecord(record);
 */
export function createIntake({ assignments, dispatcher, take }: IntakeOptions): (record: KafkaRecord) => void {
  const waiting = new Queue<Waiting>();
  let inThisTurn = 0;

  const turn = (): void => {
    inThisTurn = 0;
    for (; inThisTurn < IN_A_TURN && waiting.length > 0; inThisTurn++) {
      const { record, assignment } = waiting.shift() as Waiting;
      if (assignments.get(record.topic, record.partition) === assignment) take(record);
      // Only now: the record counts all the time, else a paused lane could be read for the moment between the two.
      dispatcher.unhold(record.topic, bytesOf(record));
    }
    if (inThisTurn > 0) setImmediate(turn);
  };

  return (record) => {
    if (inThisTurn < IN_A_TURN && waiting.length === 0) {
      if (inThisTurn++ === 0) setImmediate(turn);
      take(record);
      return;
    }
    const assignment = assignments.get(record.topic, record.partition);
    if (assignment === undefined) return;
    waiting.push({ record, assignment });
    dispatcher.hold(record.topic, bytesOf(record));
  };
}

function bytesOf({ value, headers }: KafkaRecord): number {
  return queuedBytes(value, headers, 0);
}

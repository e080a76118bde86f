import type { KafkaRecord } from '@kafka-http-proxy/kafka';
import type { Assignment, Assignments } from './assignment.js';
import type { Dispatcher } from './dispatcher.js';

export interface IntakeOptions {
  readonly assignments: Pick<Assignments, 'get'>;
  readonly dispatcher: Pick<Dispatcher, 'hold' | 'unhold'>;
  /** Takes a record up. Must not throw. */
  readonly take: (record: KafkaRecord) => void;
}

interface Waiting {
  readonly record: KafkaRecord;
  readonly assignment: Assignment;
}

/** Records that are taken up in one turn of the event loop. */
const IN_A_TURN = 64;

/** Records at the front that were taken up and are kept before the list is cut. */
const CUT_AT = 1024;

/**
 * What the consumer hands over, a share of it in each turn of the event loop. The Kafka client reads on a thread of
 * its own, without end, and hands over all that it has at once: taken up there and then, tens of thousands of
 * records of a backlog would come in before the first of them could be seen to be too many, and the partitions be
 * paused. What waits here counts for that at once; and it is told in microseconds that it does.
 *
 * The order of a partition's records stays. What waits of a partition that is given up is its new owner's.
 */
export function createIntake({ assignments, dispatcher, take }: IntakeOptions): (record: KafkaRecord) => void {
  let waiting: (Waiting | undefined)[] = [];
  let front = 0;
  let inThisTurn = 0;

  const next = (): Waiting | undefined => {
    const one = waiting[front];
    waiting[front++] = undefined;
    if (front >= CUT_AT || front >= waiting.length) {
      waiting = waiting.slice(front);
      front = 0;
    }
    return one;
  };
  const turn = (): void => {
    inThisTurn = 0;
    for (; inThisTurn < IN_A_TURN && waiting.length > 0; inThisTurn++) {
      const { record, assignment } = next() as Waiting;
      if (assignments.get(record.topic, record.partition) === assignment) take(record);
      // Afterwards: it counts all the time, and a lane on the brink is not read for a moment between the two.
      dispatcher.unhold(record.topic, bytesOf(record));
    }
    if (inThisTurn > 0) setImmediate(turn);
  };

  return (record) => {
    const assignment = assignments.get(record.topic, record.partition);
    if (assignment === undefined) return;
    if (inThisTurn < IN_A_TURN && waiting.length === 0) {
      if (inThisTurn++ === 0) setImmediate(turn);
      take(record);
      return;
    }
    waiting.push({ record, assignment });
    dispatcher.hold(record.topic, bytesOf(record));
  };
}

function bytesOf({ value }: KafkaRecord): number {
  return value?.length ?? 0;
}

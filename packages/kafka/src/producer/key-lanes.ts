/** Where the records of some keys go. */
export interface KeyLane<P> {
  /** The one that has their records. */
  readonly producer: P;
  /** To be called once a record that was sent there has its outcome. */
  settled(): void;
}

/** So many lanes: few records share one without having a key in common. */
const LANES = 256;

/**
 * Chooses a producer for records with keys, so that those of one key keep their order. A key stays with one producer
 * as long as that one has a record of it without an outcome, and may go to another then. Keys share lanes by their
 * hash: what is remembered has a bound, whatever keys there are.
 *
 * @param choose which producer is right at the moment
 * @returns the lane of a key, with one record more on its way there
 * @example
 * const laneOf = createKeyLanes(() => (busy() ? gathering : prompt));
 * const lane = laneOf(Buffer.from('customer-7'));
 * lane.producer.send(record, () => lane.settled());
 */
export function createKeyLanes<P>(choose: () => P): (key: Buffer | string) => KeyLane<P> {
  const lanes = new Array<Lane<P> | undefined>(LANES).fill(undefined);
  return (key) => {
    const at = hash(typeof key === 'string' ? Buffer.from(key) : key) % LANES;
    let lane = lanes[at];
    if (lane === undefined) {
      lane = new Lane(choose());
      lanes[at] = lane;
    } else if (lane.unsettled === 0) {
      lane.producer = choose();
    }
    lane.unsettled++;
    return lane;
  };
}

class Lane<P> implements KeyLane<P> {
  unsettled = 0;

  constructor(public producer: P) {}

  settled(): void {
    this.unsettled--;
  }
}

/** FNV-1a, 32 bits. */
function hash(key: Buffer): number {
  let found = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) found = Math.imul(found ^ (key[i] as number), 0x01000193);
  return found >>> 0;
}

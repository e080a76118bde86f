/** A way that records of one key may take, chosen anew whenever none of them is under way. */
export interface KeyLane<T> {
  /** The one that its records take while some of them are under way. */
  readonly way: T;
  /** Its record was settled, either way. Once for each. */
  settled(): void;
}

/** Lanes: keys share one, which costs them a choice now and then and never their order. A power of two. */
const LANES = 1024;

/** Of longer keys, so many characters or bytes at either end tell. */
const HASHED = 32;

interface Lane<T> extends KeyLane<T> {
  way: T;
  underWay: number;
}

/**
 * Keeps records of equal keys in order though there are several ways for them: while one of a key is under way, all
 * that follow take the same way. That of a lane with nothing under way is chosen anew.
 *
 * @param choose the way that a record takes which need not follow another
 * @example
 * const lanes = createKeyLanes(() => (isBusy() ? gathering : prompt));
 * const lane = lanes.enter('orders', key);
 * lane.way.send(record, () => lane.settled());
 */
export function createKeyLanes<T>(choose: () => T): { enter(topic: string, key: Buffer | string): KeyLane<T> } {
  const lanes: (Lane<T> | undefined)[] = new Array<Lane<T> | undefined>(LANES).fill(undefined);
  return {
    enter(topic, key) {
      const at = hash(topic, key) & (LANES - 1);
      let lane = lanes[at];
      if (lane === undefined) {
        lane = { way: choose(), underWay: 0, settled };
        lanes[at] = lane;
      } else if (lane.underWay === 0) lane.way = choose();
      lane.underWay++;
      return lane;
    },
  };
}

function settled<T>(this: Lane<T>): void {
  this.underWay--;
}

/** FNV-1a, over what of a key tells it from others. */
function hash(topic: string, key: Buffer | string): number {
  let found = 0x811c9dc5;
  const add = (code: number): void => {
    found = Math.imul(found ^ code, 0x01000193);
  };
  const at = (i: number): number => (typeof key === 'string' ? key.charCodeAt(i) : (key[i] as number));
  const { length } = key;
  add(length);
  add(topic.length);
  for (let i = 0; i < Math.min(length, HASHED); i++) add(at(i));
  for (let i = Math.max(HASHED, length - HASHED); i < length; i++) add(at(i));
  return found ^ (found >>> 15);
}

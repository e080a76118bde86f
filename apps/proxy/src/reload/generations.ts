/** Requests that came in between two changes of the configuration. */
export interface Generation {
  /** Of these, how many have no end yet. */
  running: number;
  /** What waits for the last of them, once there is a later generation. */
  ended: (() => void) | null;
}

/** Tells when the last request is done that went by an earlier configuration. */
export interface Generations {
  /** A request comes in; {@link leave} it once, with what this returns. */
  enter(): Generation;
  leave(generation: Generation): void;
  /** Another configuration is in effect; `ended` is called when all that came in before are done. */
  next(ended: () => void): void;
}

/**
 * @example
 * const generations = createGenerations();
 * const mine = generations.enter();
 * generations.next(() => reader.release('replies'));
 * generations.leave(mine); // releases
 */
export function createGenerations(): Generations {
  const begun = (): Generation => ({ running: 0, ended: null });
  let current = begun();
  const all: Generation[] = [current];
  const sweep = (): void => {
    for (let [first] = all; first?.running === 0 && first.ended !== null; [first] = all) {
      all.shift();
      first.ended();
    }
  };
  return {
    enter() {
      current.running++;
      return current;
    },
    leave(generation) {
      generation.running--;
      if (generation.running === 0 && generation.ended !== null) sweep();
    },
    next(ended) {
      current.ended = ended;
      current = begun();
      all.push(current);
      sweep();
    },
  };
}

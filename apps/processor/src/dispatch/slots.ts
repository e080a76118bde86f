import type { Lane } from './lane.js';

/**
 * The slots that lanes share: how many works may run at once, and how many of each lane. What is idle is lent: of
 * several lanes one may have all but what the others keep, which is half of what is not its own, an even part with each
 * where there are enough. A call to a backend can't be taken back, so what they keep is kept free.
 */
export class Slots {
  readonly #lanes: readonly Lane[];
  #most = 0;
  #share = 1;
  /** What all lanes but one keep together, and each of them. */
  #kept = 0;
  #guarantee = 0;
  #taken = 0;

  /** @param lanes those that share; {@link change} is to be told when they are others */
  constructor(lanes: readonly Lane[]) {
    this.#lanes = lanes;
  }

  /**
   * Shares out anew. What is taken already stays so.
   *
   * @param most works that run at once; as before when left out
   * @param share what of `most` is a lane's own, where there are several: above 0, 1 at most
   */
  change(most = this.#most, share = this.#share): void {
    const others = this.#lanes.length - 1;
    this.#most = most;
    this.#share = share;
    this.#kept = others <= 0 ? 0 : Math.floor((most * (1 - share)) / 2);
    this.#guarantee = others <= 0 ? 0 : Math.floor(this.#kept / others);
  }

  get taken(): number {
    return this.#taken;
  }

  /** True when there is a slot for this lane. */
  isFree(lane: Lane): boolean {
    const free = this.#most - this.#taken;
    if (free <= 0) return false;
    if (lane.active < this.#guarantee || this.#kept === 0) return true;
    // Together the others keep as much, whichever of them needs it.
    if (free <= this.#kept - (this.#taken - lane.active)) return false;
    if (this.#guarantee === 0) return true;
    let kept = 0;
    for (const other of this.#lanes) if (other !== lane) kept += Math.max(0, this.#guarantee - other.active);
    return free > kept;
  }

  take(lane: Lane): void {
    this.#taken++;
    lane.active++;
  }

  leave(lane: Lane): void {
    this.#taken--;
    lane.active--;
  }
}

import { Lane } from './lane.js';
import type { GateState, LaneOptions } from './work.js';

/** Who hears of what happens to lanes. */
export interface LanesEvents {
  /** The gate of a lane changed its state. */
  gate(lane: Lane, state: GateState): void;
  /** There are more lanes, or fewer. */
  count(): void;
}

/** The lanes of a dispatcher, in turn. They come and go with the topics that are configured. */
export class Lanes {
  /** All of them; the same array always. */
  readonly all: Lane[] = [];
  readonly #byName = new Map<string, Lane>();
  readonly #events: LanesEvents;
  #turn = 0;

  constructor(events: LanesEvents) {
    this.#events = events;
  }

  /** @throws Error when there is none of this name */
  of(name: string): Lane {
    const lane = this.#byName.get(name);
    if (lane === undefined) throw new Error(`no lane ${name}`);
    return lane;
  }

  /** Undefined when there is none of this name. */
  find(name: string): Lane | undefined {
    return this.#byName.get(name);
  }

  /** Whose turn it is. */
  next(): Lane {
    const lane = this.all[this.#turn % this.all.length] as Lane;
    this.#turn = (this.#turn + 1) % this.all.length;
    return lane;
  }

  /** Has these from now on: those of a name that is known wait for something else, others leave with their last work. */
  change(lanes: readonly LaneOptions[]): void {
    const wanted = new Set(lanes.map(({ name }) => name));
    for (const options of lanes) {
      const lane = this.#byName.get(options.name) ?? this.#add(new Lane(options));
      lane.leaving = false;
      lane.bind(options, (state) => this.#events.gate(lane, state));
    }
    for (const lane of [...this.all]) {
      lane.leaving = !wanted.has(lane.name);
      this.settle(lane);
    }
    this.#events.count();
  }

  /** To be called when a lane may have become empty. */
  settle(lane: Lane): void {
    if (!lane.leaving || lane.open > 0 || this.#byName.get(lane.name) !== lane) return;
    lane.unbind();
    this.#byName.delete(lane.name);
    this.all.splice(this.all.indexOf(lane), 1);
    this.#events.count();
  }

  #add(lane: Lane): Lane {
    this.#byName.set(lane.name, lane);
    this.all.push(lane);
    return lane;
  }
}

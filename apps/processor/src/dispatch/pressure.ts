import type { Backlog } from './backlog.js';
import type { Lane } from './lane.js';

export interface PressureOptions {
  readonly lanes: readonly Lane[];
  /** A lane has too much, or not any more. */
  change(lane: Lane, tooMuch: boolean): void;
  /** Memory that works hold changed by so many bytes. */
  counted(bytes: number): void;
}

/**
 * How much was submitted and is not finished. It is kept by lane: too much at the backlog, right again at half of it;
 * between the two nothing is said. So a lane that its rate limit or one hot key holds back fills only itself. When all
 * lanes together hold too much memory, those go on that hold little of it.
 */
export class Pressure {
  readonly #options: PressureOptions;
  #backlog: Backlog;
  /** Memory that all works hold. */
  #bytes = 0;

  constructor(options: PressureOptions, backlog: Backlog) {
    this.#options = options;
    this.#backlog = backlog;
  }

  /** Lanes may hold so much from now on. */
  change(backlog: Backlog): void {
    this.#backlog = backlog;
    for (const lane of this.#options.lanes) this.#ease(lane);
  }

  /** One record more. */
  opened(lane: Lane, bytes: number): void {
    lane.open++;
    this.#count(lane, bytes);
    const { records, bytes: most, totalBytes } = this.#backlog;
    const crowded = this.#bytes >= totalBytes && lane.bytes * 2 * this.#options.lanes.length >= totalBytes;
    if (lane.open >= records || lane.bytes >= most || crowded) this.#options.change(lane, true);
  }

  /** So many fewer. */
  left(lane: Lane, count: number, bytes: number): void {
    lane.open -= count;
    this.#count(lane, -bytes);
    const eased = this.#backlog.totalBytes / 2;
    this.#ease(lane);
    // The room that this one made is the others' too.
    if (bytes > 0 && this.#bytes <= eased && this.#bytes + bytes > eased) {
      for (const other of this.#options.lanes) if (other !== lane) this.#ease(other);
    }
  }

  #ease(lane: Lane): void {
    if (!lane.pausedBy.has('pressure')) return;
    const { records, bytes: most, totalBytes } = this.#backlog;
    const crowded = this.#bytes > totalBytes / 2 && lane.bytes * 4 * this.#options.lanes.length > totalBytes;
    if (lane.open <= records / 2 && lane.bytes <= most / 2 && !crowded) this.#options.change(lane, false);
  }

  #count(lane: Lane, bytes: number): void {
    lane.bytes += bytes;
    this.#bytes += bytes;
    this.#options.counted(bytes);
  }
}

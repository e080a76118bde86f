import type { Clock } from '@kafka-http-proxy/streams';
import type { Backlog } from './backlog.js';
import type { LaneOptions } from './work.js';

/** What a reload may change. */
export interface DispatcherLimits {
  readonly lanes: readonly LaneOptions[];
  /** Most works that hold a slot at once, over all lanes. */
  readonly maxActive: number;
  /** The part of `maxActive` that a lane has for itself, where there are several: above 0, 1 at most. */
  readonly share: number;
  /** What a lane may hold, what runs included. One that had too much is read again at half of it. */
  readonly backlog: Backlog;
}

/** What a dispatcher is made with. */
export interface DispatcherOptions extends DispatcherLimits {
  /** A lane is to get nothing more for now, or is to be read again; why says `pausedBy`. */
  onPause(lane: string, paused: boolean): void;
  /** Memory that works hold changed by so many bytes. */
  counted?(bytes: number): void;
  /** False while there is no memory for what works that start would bring; asked again when one ends. */
  hasRoom?(): boolean;
  readonly clock: Clock;
}

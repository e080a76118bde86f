import pLimit from 'p-limit';
import type { Outcome } from './outcome.js';
import { createPace } from './pace.js';

/** What the engine does to one letter. */
export interface EnginePorts<L> {
  /** Those of one lane are sent one after the other; null: whenever there is room. */
  laneOf(letter: L): string | null;
  /** Says for all to see that it is being sent now. False: it must not be. */
  announce(letter: L): Promise<boolean>;
  /** Sends it and waits for what becomes of it; that is noted when it resolves. */
  send(letter: L): Promise<Outcome>;
  /** Called once for each that was sent, as it ends. */
  ended(letter: L, outcome: Outcome): void;
}

/** How fast, and until when. */
export interface EngineOptions {
  /** Most that are under way. */
  readonly concurrency: number;
  /** Most that begin in a second; null: as many as can. */
  readonly rate: number | null;
  /** So many failures one after the other end the run. */
  readonly stopAfter: number;
  /** Aborted: nothing more is begun. */
  readonly signal: AbortSignal;
}

/** Why the engine ended: all letters were sent, it was told to stop, or too many failed one after the other. */
export type EngineEnd = 'done' | 'stopped' | 'failures';

/** Letters that wait for their lane, for each that may be under way: more are not read. */
const AHEAD = 4;

/**
 * Sends letters in their order, several at a time. What is under way when it ends is waited for.
 *
 * A letter that fails does not hold back the next one of its lane: a processor goes on behind a request that failed, too.
 *
 * @throws what the ports throw; what was under way is waited for before
 * @example
 * const end = await sendAll(letters, ports, { concurrency: 10, rate: null, stopAfter: 10, signal });
 */
export async function sendAll<L>(
  letters: AsyncIterable<L>,
  ports: EnginePorts<L>,
  options: EngineOptions,
): Promise<EngineEnd> {
  const { concurrency, rate, stopAfter, signal } = options;
  const limit = pLimit(concurrency);
  const pace = createPace(rate, signal);
  const running = new Set<Promise<void>>();
  const lanes = new Map<string, Promise<void>>();
  let failures = 0;
  let broken: { readonly error: unknown } | null = null;
  const isOver = () => signal.aborted || failures >= stopAfter || broken !== null;

  const one = async (letter: L): Promise<void> => {
    if (isOver()) return;
    await pace();
    if (isOver()) return;
    if (!(await ports.announce(letter))) return;
    const outcome = await ports.send(letter);
    // Once there were enough, a late success does not set the run going again.
    if (failures < stopAfter) failures = outcome.isFailure ? failures + 1 : 0;
    ports.ended(letter, outcome);
  };
  const begin = (letter: L): void => {
    const lane = ports.laneOf(letter);
    const before = lane === null ? undefined : lanes.get(lane);
    const turn = () => limit(() => one(letter));
    const task = (before === undefined ? turn() : before.then(turn))
      .catch((error: unknown) => {
        broken ??= { error };
      })
      .finally(() => {
        running.delete(task);
        if (lane !== null && lanes.get(lane) === task) lanes.delete(lane);
      });
    running.add(task);
    if (lane !== null) lanes.set(lane, task);
  };

  try {
    for await (const letter of letters) {
      if (isOver()) break;
      begin(letter);
      while (running.size >= concurrency * AHEAD && !isOver()) await Promise.race(running);
    }
  } finally {
    await Promise.all(running);
  }
  if (broken !== null) throw (broken as { error: unknown }).error;
  if (failures >= stopAfter) return 'failures';
  return signal.aborted ? 'stopped' : 'done';
}

/** Which states may follow each state; one that is followed by none is an end. */
export type Steps<S extends string> = Readonly<Record<S, readonly S[]>>;

/** The state that something is in. It changes by legal steps only. */
export interface States<S extends string> {
  readonly now: S;
  /** True when it is in one of these. */
  is(...states: readonly S[]): boolean;
  /** Goes on to another state. @throws {IllegalStep} where the table does not allow it */
  to(next: S): void;
}

/** A step that the table of states does not allow: a mistake of the code, never of what comes from outside. */
export class IllegalStep extends Error {
  override readonly name = 'IllegalStep';
}

/**
 * A state machine as data: its states and the steps between them are one table.
 *
 * @param subject what has the states, for the sentence of an illegal step
 * @example
 * const door = createStates('the door', { open: ['shut'], shut: ['open', 'locked'], locked: ['shut'] }, 'open');
 * door.to('shut');
 */
export function createStates<S extends string>(subject: string, steps: Steps<S>, first: NoInfer<S>): States<S> {
  let now: S = first;
  return {
    get now() {
      return now;
    },
    is: (...states) => states.includes(now),
    to(next) {
      if (!steps[now].includes(next)) {
        const legal = steps[now].length === 0 ? 'no other state' : `${steps[now].join(' or ')} only`;
        throw new IllegalStep(`${subject} is ${now} and cannot become ${next}: it goes on to ${legal}`);
      }
      now = next;
    },
  };
}

import { createStates, type Steps } from '@kafka-http-proxy/protocol';
import type { GroupSession } from './group-session.js';

/**
 * What a request consumer is in its group: `joining` (no session: at first, and after one was given up), `joined` (the
 * group has given no assignment, or has taken it away by force), `settled` (it has), `leaving` (for good).
 */
export type MembershipState = 'joining' | 'joined' | 'settled' | 'leaving';

const STEPS: Steps<MembershipState> = {
  joining: ['joined', 'leaving'],
  joined: ['settled', 'joining', 'leaving'],
  settled: ['joined', 'joining', 'leaving'],
  leaving: [],
};

/** Statistics after which a question counts as answered: the first may have been made before it. */
const LOOKS = 2;

/** The state of a membership, and the session that goes with it. */
export interface Membership {
  readonly state: MembershipState;
  /** The one that takes part, or leaves; null while joining. */
  readonly session: GroupSession | null;
  joined(session: GroupSession): void;
  /** The group gave an assignment (true), or took it away by force (false). Nothing without a session that takes part. */
  settled(now: boolean): void;
  /**
   * Statistics say that it has an assignment. By KIP-848 a member that gets nothing to do hears nothing else, so these
   * count as the group's answer too.
   */
  seenSettled(kip848: boolean): void;
  /** Resolves with the group's next answer, an assignment, or when this membership has ended. */
  answer(): Promise<void>;
  /** Gives the session up, so that another may join. Null where none takes part. */
  giveUp(): GroupSession | null;
  /** Takes part no longer. Returns the session that has to leave. */
  leave(): GroupSession | null;
}

/** @param group its name, for the sentence of an illegal step */
export function createMembership(group: string): Membership {
  const states = createStates(`the membership of ${group}`, STEPS, 'joining');
  let session: GroupSession | null = null;
  let waiting: { readonly resolve: () => void; looks: number }[] = [];
  const answered = () => {
    const told = waiting;
    waiting = [];
    for (const { resolve } of told) resolve();
  };
  const settled = (now: boolean) => {
    const next = now ? 'settled' : 'joined';
    if (takesPart() && !states.is(next)) states.to(next);
  };
  const takesPart = () => states.is('joined', 'settled');
  return {
    get state() {
      return states.now;
    },
    get session() {
      return session;
    },
    joined(one) {
      states.to('joined');
      session = one;
    },
    settled(now) {
      settled(now);
      if (now) answered();
    },
    seenSettled(kip848) {
      settled(true);
      if (!kip848) return;
      for (const one of waiting) one.looks++;
      if (waiting.some(({ looks }) => looks >= LOOKS)) answered();
    },
    answer: () =>
      states.is('leaving')
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiting.push({ resolve, looks: 0 });
          }),
    giveUp() {
      if (!takesPart()) return null;
      states.to('joining');
      const given = session;
      session = null;
      return given;
    },
    leave() {
      states.to('leaving');
      answered();
      return session;
    },
  };
}

import { byTime, createPairs, type Entry, type Pair, placeOf } from '@kafka-http-proxy/operate';
import type { Printer } from '../output/printer.js';
import { createPairLines } from './pair-lines.js';
import type { TailPlan } from './plan.js';

/** Turns records into the lines of an access log. */
export interface PairReport {
  take(entry: Entry): void;
  /** Gives up waiting for what had a deadline before this time, ms since the epoch. */
  expire(nowMs: number): void;
  /** Prints what was held back; from now on nothing is. */
  release(): void;
  /** Prints what is open still, as it stands. */
  finish(nowMs: number): void;
  /** Notes what is open still, in place of printing it. */
  interrupted(nowMs: number): void;
}

/** What is told, and where to. */
export interface PairReportOptions {
  readonly plan: TailPlan;
  readonly print: Printer;
  /** The topics that are read. */
  readonly topics: ReadonlySet<string>;
  /** Requests before this one are left out; null: none. */
  readonly first: Entry | null;
  /** Pairs of which only the last ones are printed, in the end; null: each at once. */
  readonly last: number | null;
}

const MOST_NAMED = 10;
const MOST_TOPICS = 20;

/** Joins what it takes, and prints what passes the filter. */
export function createPairReport({ plan, print, topics, first, last }: PairReportOptions): PairReport {
  const pairs = createPairs({ maxOpen: plan.maxOpen });
  const line = createPairLines(print);
  const elsewhere = new Map<string, number>();
  let held: Pair[] | null = last === null ? null : [];

  const tell = (found: readonly Pair[]): void => {
    for (const pair of found) {
      if (plan.pairFilter?.(pair) === false) continue;
      if (held === null || last === null) line(pair);
      else if (held.push(pair) >= 2 * last + 1000) held = held.slice(-last);
    }
  };
  const release = (): void => {
    const found = last === null || last === 0 ? [] : (held ?? []).slice(-last);
    held = null;
    for (const pair of found) line(pair);
  };
  const notes = (): void => {
    if (pairs.givenUp > 0) {
      print.note(`requests given up: ${pairs.givenUp}; more than ${plan.maxOpen} (--max-open) were open at once`);
    }
    for (const [topic, count] of elsewhere) {
      print.note(`requests answered in ${topic}, which is not read: ${count}; name it too`);
    }
  };

  return {
    take(entry) {
      if (entry.kind === 'unreadable') {
        print.note(`${placeOf(entry)} can't be read: ${entry.fault}`);
        return;
      }
      if (entry.kind === 'request') {
        if (first !== null && byTime(entry, first) < 0) return;
        const { replyTopic } = entry;
        if (replyTopic !== null && !topics.has(replyTopic) && elsewhere.size < MOST_TOPICS) {
          elsewhere.set(replyTopic, (elsewhere.get(replyTopic) ?? 0) + 1);
        }
      }
      tell(pairs.add(entry));
    },
    expire: (nowMs) => tell(pairs.expired(nowMs)),
    release,
    finish(nowMs) {
      tell(pairs.rest(nowMs));
      release();
      notes();
    },
    interrupted(nowMs) {
      const open = pairs.rest(nowMs);
      const ids = open.slice(0, MOST_NAMED).map(({ request }) => request.id);
      const more = open.length > ids.length ? `, and ${open.length - ids.length} more` : '';
      if (open.length > 0) print.note(`interrupted; without the end of their reply: ${ids.join(', ')}${more}`);
      notes();
    },
  };
}

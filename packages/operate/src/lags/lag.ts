import { durationMs } from '../times/duration.js';
import { TimeMistake } from '../times/time-mistake.js';

/** How far a group is behind in one partition. */
export interface PartitionLag {
  readonly topic: string;
  readonly group: string;
  readonly partition: number;
  /** The next offset to be read; null: the group has never committed one here. */
  readonly committed: number | null;
  readonly end: number;
  /** Records that are not done, or begun and not done; from the first there is where nothing was committed. */
  readonly lag: number;
  /** How long the first of them has waited, ms; 0 without any, null when it could not be read. */
  readonly ageMs: number | null;
}

/** All partitions of a topic together, for one group. */
export interface TopicLag {
  readonly topic: string;
  readonly group: string;
  readonly lag: number;
  /** Of the partition that is furthest behind; null where one is not known. */
  readonly ageMs: number | null;
}

/** From where on a lag is too much: records of a topic, or the time that the oldest has waited, ms. */
export type LagLimit = { readonly records: number } | { readonly ms: number };

/** The total of each topic and group, in the order of the first of each. */
export function totalLags(lags: readonly PartitionLag[]): TopicLag[] {
  const totals = new Map<string, TopicLag>();
  for (const { topic, group, lag, ageMs } of lags) {
    const key = JSON.stringify([topic, group]);
    const { lag: records, ageMs: age } = totals.get(key) ?? { lag: 0, ageMs: 0 };
    totals.set(key, {
      topic,
      group,
      lag: records + lag,
      ageMs: age === null || ageMs === null ? null : Math.max(age, ageMs),
    });
  }
  return [...totals.values()];
}

/**
 * `1000` is a number of records, `30s` a time.
 *
 * @param option where it was typed, for the message
 * @throws {TimeMistake} for what is neither
 */
export function parseLagLimit(text: string, option: string): LagLimit {
  if (/^\d+$/.test(text)) return { records: Number(text) };
  const ms = durationMs(text);
  if (ms === null) throw new TimeMistake(option, 'records as 1000, or a time as 30s,', text);
  return { ms };
}

/** Those that are above the limit. One whose age is not known is, as soon as it has records to wait for. */
export function lagsAbove(totals: readonly TopicLag[], limit: LagLimit): TopicLag[] {
  return totals.filter(({ lag, ageMs }) =>
    'records' in limit ? lag > limit.records : lag > 0 && (ageMs ?? Number.POSITIVE_INFINITY) > limit.ms,
  );
}

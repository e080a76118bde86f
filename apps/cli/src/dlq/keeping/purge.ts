import type { OffsetRange, PartitionOffset } from '@kafka-http-proxy/kafka';
import { parseTime, type Settled, secondsOf, VERDICTS, type Verdict } from '@kafka-http-proxy/operate';
import { connectionOf } from '../../connection/connection.js';
import type { DlqFlags } from '../../letters/flags.js';
import { type Letters, withOpenLetters } from '../../letters/open-letters.js';
import { placeOfKey } from '../../marks/mark-store.js';
import { CommandFailure, EXIT, mistake } from '../../operator/exit.js';
import type { Host } from '../../operator/host.js';
import type { Column } from '../../output/columns.js';
import { createPrinter } from '../../output/printer.js';
import { mayGoOn } from './may-go-on.js';

/** What `dlq purge` takes. */
export type PurgeFlags = DlqFlags & { readonly before?: string; readonly yes?: true };

interface Lost {
  readonly state: Verdict | Settled;
  readonly settled: boolean;
  readonly count: number;
}

const COLUMNS: readonly Column<Lost>[] = [
  { title: 'deleted', value: ({ count }) => count, align: 'right' },
  { title: 'verdict', value: ({ state }) => state },
  { title: '', value: ({ settled }) => (settled ? '' : 'open') },
];

/** `dlq purge`: deletes the letters from before a time, for good. @returns the exit code */
export async function purge(flags: PurgeFlags, host: Host): Promise<number> {
  if (flags.before === undefined) throw mistake('--before: from before when? A time such as 2026-02-14, or 30d (ago)');
  const { ms } = parseTime(flags.before, { option: '--before', nowMs: Date.now() });
  const print = createPrinter(host, flags);
  const connection = await connectionOf(flags, host);
  return await withOpenLetters(connection, host, flags, async (letters) => {
    const found = await look(letters, await olderThan(letters, ms), ms, host);
    if (found === null) return EXIT.interrupted;
    const { ranges, lost } = found;
    const total = lost.reduce((sum, one) => sum + one.count, 0);
    print.rows(COLUMNS, lost, ({ state, settled, count }) => ({ [settled ? 'settled' : 'verdict']: state, count }));
    if (total === 0) {
      print.note(`${letters.topic} has no letter from before ${secondsOf(ms)}`);
      return EXIT.done;
    }
    const open = lost.reduce((sum, one) => sum + (one.settled ? 0 : one.count), 0);
    const question = `Delete ${total} letters of ${letters.topic} from before ${secondsOf(ms)}, ${open} of them open, for good?`;
    if (!(await mayGoOn(question, flags.yes, host))) return EXIT.notWell;
    await deleteAll(letters, ranges);
    print.note(`${total} letters deleted`);
    return EXIT.done;
  });
}

/** What is before the first letter of that time or later, a partition each: of a partition, only a beginning can go. */
async function olderThan({ inspector, topic, ranges }: Letters, ms: number): Promise<Required<OffsetRange>[]> {
  const found = await inspector.offsets(
    ranges.map(({ partition }) => ({ topic, partition })),
    ms,
  );
  const firsts = new Map(found.map(({ partition, offset }) => [partition, offset]));
  return ranges
    .map((range) => ({ ...range, to: Math.min(firsts.get(range.partition) ?? range.from, range.to) }))
    .filter(({ from, to }) => from < to);
}

/**
 * Counts what is in the ranges, each of which ends at its first letter that is younger: a broker that can't look by time
 * (the embedded one) names the end. Null where it was interrupted.
 */
async function look(
  letters: Letters,
  ranges: readonly Required<OffsetRange>[],
  ms: number,
  { signal }: Host,
): Promise<{ readonly ranges: Required<OffsetRange>[]; readonly lost: Lost[] } | null> {
  const ends = new Map<number, number>();
  const open = new Map<Verdict, number>();
  const settled = new Map<Settled, number>();
  await letters.scan(
    ({ view: { record }, judgement }) => {
      const { partition, offset, timestampMs } = record;
      if (ends.has(partition)) return;
      if (timestampMs >= ms) ends.set(partition, offset);
      else if (judgement.settled === null) open.set(judgement.verdict, (open.get(judgement.verdict) ?? 0) + 1);
      else settled.set(judgement.settled, (settled.get(judgement.settled) ?? 0) + 1);
    },
    { ranges, signal },
  );
  if (signal.aborted) return null;
  return {
    ranges: ranges
      .map((range) => ({ ...range, to: ends.get(range.partition) ?? range.to }))
      .filter(({ from, to }) => from < to),
    lost: [
      ...VERDICTS.flatMap((state) => (open.has(state) ? [{ state, settled: false, count: open.get(state) ?? 0 }] : [])),
      ...[...settled].map(([state, count]) => ({ state, settled: true, count })),
    ],
  };
}

async function deleteAll(
  { inspector, topic, marks }: Letters,
  ranges: readonly Required<OffsetRange>[],
): Promise<void> {
  const before: PartitionOffset[] = ranges.map(({ partition, to: offset }) => ({ topic, partition, offset }));
  try {
    await inspector.deleteRecords(before);
  } catch (cause) {
    throw new CommandFailure(
      `The letters can't be deleted: ${(cause as Error).message}. It takes
  kafka-acls --add --allow-principal 'User:<principal>' --operation Delete --topic ${topic}`,
      undefined,
      { cause },
    );
  }
  const ends = new Map(before.map(({ partition, offset }) => [partition, offset]));
  const gone = [...marks.all().keys()].flatMap((key) => {
    const letter = placeOfKey(key);
    return letter !== null && letter.offset < (ends.get(letter.partition) ?? 0) ? [letter] : [];
  });
  // What was done about them is of no use any more, and another topic of this name may begin with their offsets.
  await marks.forget(gone);
}

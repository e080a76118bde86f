import type { PartitionLag, TopicLag } from '@kafka-http-proxy/operate';
import prettyMilliseconds from 'pretty-ms';
import type { Column } from '../output/columns.js';
import type { Printer } from '../output/printer.js';

type Row = TopicLag & Partial<PartitionLag>;

const COLUMNS: readonly Column<Row>[] = [
  { title: 'TOPIC', value: ({ topic }) => topic, least: 16 },
  { title: 'GROUP', value: ({ group }) => group, least: 12, keep: 'end' },
  { title: 'PARTITION', value: ({ partition }) => partition ?? 'all', align: 'right' },
  { title: 'COMMITTED', value: ({ committed }) => committed, align: 'right', drop: 1 },
  { title: 'END', value: ({ end }) => end, align: 'right', drop: 2 },
  { title: 'LAG', value: ({ lag }) => lag, align: 'right' },
  { title: 'AGE', value: ({ lag, ageMs }) => (lag === 0 ? null : ageText(ageMs)), align: 'right' },
];

/** Each partition, and behind those of a topic all of it. */
export function printLags(print: Printer, lags: readonly PartitionLag[], totals: readonly TopicLag[]): void {
  const rows = totals.flatMap((total): Row[] => [
    ...lags.filter(({ topic, group }) => topic === total.topic && group === total.group),
    total,
  ]);
  print.rows(COLUMNS, rows, ({ topic, group, partition, committed, end, lag, ageMs }) =>
    partition === undefined
      ? { topic, group, partition: 'all', lag, age_ms: ageMs }
      : { topic, group, partition, committed, end, lag, age_ms: ageMs },
  );
}

/** For people: `1m 30s`. */
export function ageText(ageMs: number | null): string {
  return ageMs === null ? 'unknown' : prettyMilliseconds(ageMs, { unitCount: 2 });
}

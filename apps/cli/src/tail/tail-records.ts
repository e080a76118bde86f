import { readInTimeOrder } from './in-time-order.js';
import { lastRows } from './last-rows.js';
import { createRecordLines } from './record-lines.js';
import { recordRows } from './row.js';
import type { TailWork } from './tail-work.js';

/** Prints records, a line each: the last ones, or those of a range; then those that come, with `--follow`. */
export async function tailRecords(work: TailWork): Promise<void> {
  const { inspector, ranges, plan, flags, print, masking, signal, lookBack } = work;
  const lines = createRecordLines(print, { headers: flags.headers === true, bodies: flags.bodies, masking });
  const rowOf = recordRows({
    filter: plan.filter,
    all: flags.all === true,
    withHeaders: flags.headers === true,
    withBody: flags.bodies !== 'none',
  });
  if (plan.lines === null) await readInTimeOrder(inspector, ranges, rowOf, (row) => lines.print(row), { signal });
  else {
    const count = plan.lines;
    const { rows } = await lookBack((onRead) => lastRows(inspector, ranges, count, rowOf, { signal, onRead }));
    for (const row of rows) {
      if (signal.aborted) return;
      await lines.print(row);
    }
  }
  if (!plan.follow || signal.aborted) return;
  const onward = ranges.map(({ topic, partition, to }) => ({ topic, partition, from: to }));
  await inspector.read(
    onward,
    (record) => {
      const row = rowOf(record);
      return row === null ? undefined : lines.print(row);
    },
    { signal },
  );
}

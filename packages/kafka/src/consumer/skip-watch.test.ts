import { expect, it, vi } from 'vitest';
import { createSkipWatch } from './skip-watch.js';

const AT = { topic: 'a', partition: 1 };

function setup(first: number | undefined) {
  const tell = vi.fn();
  const firstOf = vi.fn(() => Promise.resolve(first));
  const watch = createSkipWatch({ firstOf, tell });
  return { tell, firstOf, watch };
}

it('tells of what retention took between the committed offset and the first record', async () => {
  const { tell, watch } = setup(30);
  watch.begun([{ ...AT, committed: 10 }]);
  watch.record({ ...AT, offset: 30 });
  await vi.waitFor(() => expect(tell).toHaveBeenCalledWith({ ...AT, why: 'retention', from: 10, to: 30 }));
});

it('takes a gap behind the first record that is kept for compaction, or the mark of a transaction', async () => {
  const { tell, firstOf, watch } = setup(0);
  watch.begun([{ ...AT, committed: 10 }]);
  watch.record({ ...AT, offset: 10 });
  expect(firstOf).not.toHaveBeenCalled();
  watch.record({ ...AT, offset: 12 });
  await vi.waitFor(() => expect(firstOf).toHaveBeenCalledTimes(1));
  await firstOf.mock.results[0]?.value;
  expect(tell).not.toHaveBeenCalled();
});

it('expects nothing where nothing was committed, and takes a log that begins anew for no gap', () => {
  const { firstOf, watch } = setup(30);
  watch.begun([AT]);
  watch.record({ ...AT, offset: 30 });
  watch.record({ ...AT, offset: 0 });
  watch.record({ ...AT, offset: 1 });
  watch.record({ topic: 'b', partition: 0, offset: 7 });
  expect(firstOf).not.toHaveBeenCalled();
});

it('tells of an offset that is of another topic', () => {
  const { tell, watch } = setup(0);
  watch.begun([{ ...AT, offset: -2, foreign: 6 }]);
  expect(tell).toHaveBeenCalledWith({ ...AT, why: 'another_topic', from: 6 });
});

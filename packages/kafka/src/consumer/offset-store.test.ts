import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createOffsetStore, type StoredOffset } from './offset-store.js';

it('stores the last offset of each partition once a turn, and at once when it is flushed', async () => {
  const written: (readonly StoredOffset[])[] = [];
  const offsets = createOffsetStore((stored) => written.push(stored));
  offsets.store('orders', 0, 1);
  offsets.store('orders', 1, 5);
  offsets.store('orders', 0, 2);
  offsets.store('bills', 0, 9);
  expect(written).toEqual([]);
  await turn();
  await turn();
  expect(written).toEqual([
    [
      { topic: 'orders', partition: 0, offset: 2 },
      { topic: 'orders', partition: 1, offset: 5 },
      { topic: 'bills', partition: 0, offset: 9 },
    ],
  ]);
  offsets.store('orders', 0, 3);
  offsets.flush();
  expect(written[1]).toEqual([{ topic: 'orders', partition: 0, offset: 3 }]);
  await turn();
  await turn();
  expect(written).toHaveLength(2);
});

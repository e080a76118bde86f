import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createOffsetStores } from './offset-stores.js';

function setup() {
  const written: string[][] = [];
  const stores = createOffsetStores((offsets) =>
    written.push(offsets.map(({ topic, partition, offset }) => `${topic}/${partition}:${offset}`)),
  );
  return { written, stores };
}

it('writes the last offset of each partition, once a turn', async () => {
  const { written, stores } = setup();
  stores.set('a', 0, 1);
  stores.set('b', 3, 8);
  stores.set('a', 0, 2);
  expect(written).toEqual([]);
  await turn();
  expect(written).toEqual([['a/0:2', 'b/3:8']]);
  await turn();
  expect(written).toHaveLength(1);
  stores.set('a', 0, 3);
  await turn();
  expect(written[1]).toEqual(['a/0:3']);
});

it('writes at once where that is asked for, and nothing twice', async () => {
  const { written, stores } = setup();
  stores.set('a', 0, 1);
  stores.flush();
  expect(written).toEqual([['a/0:1']]);
  stores.set('a', 0, 2);
  await turn();
  expect(written).toEqual([['a/0:1'], ['a/0:2']]);
  stores.flush();
  expect(written).toHaveLength(2);
});

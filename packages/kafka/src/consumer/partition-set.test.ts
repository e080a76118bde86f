import { expect, it } from 'vitest';
import { createPartitionSet } from './partition-set.js';

it('holds partitions once, by topic and number', () => {
  const set = createPartitionSet();
  set.add([
    { topic: 'a', partition: 0 },
    { topic: 'a', partition: 1 },
    { topic: 'b', partition: 0 },
  ]);
  set.add([{ topic: 'a', partition: 0 }]);
  expect(set.size).toBe(3);
  set.remove([
    { topic: 'a', partition: 1 },
    { topic: 'c', partition: 1 },
  ]);
  expect(set.has('a', 1)).toBe(false);
  expect(set.all()).toEqual([
    { topic: 'a', partition: 0 },
    { topic: 'b', partition: 0 },
  ]);
  set.clear();
  expect(set.size).toBe(0);
});

import { expect, it } from 'vitest';
import { createInboxPositions } from './inbox-positions.js';

it('moves past what is read and refuses what is not ours', () => {
  const positions = createInboxPositions();
  positions.add({ topic: 'a', partition: 2, offset: 10 });
  expect(positions.read({ topic: 'a', partition: 2, offset: 10 })).toBe(true);
  expect(positions.read({ topic: 'a', partition: 1, offset: 0 })).toBe(false);
  expect(positions.read({ topic: 'b', partition: 2, offset: 0 })).toBe(false);
  expect(positions.all()).toMatchObject([{ topic: 'a', partition: 2, offset: 11 }]);
  expect(positions.has('a', 2)).toBe(true);
  expect(positions.has('a', 1)).toBe(false);
  expect(() => positions.at('a', 1)).toThrow('a/1 is not read');
});

it('goes back when a topic was made anew', () => {
  const positions = createInboxPositions();
  positions.add({ topic: 'a', partition: 0, offset: 10 });
  positions.read({ topic: 'a', partition: 0, offset: 0 });
  expect(positions.at('a', 0).offset).toBe(1);
});

it('tells the partitions of one topic', () => {
  const positions = createInboxPositions();
  positions.add({ topic: 'a', partition: 0, offset: 10 });
  positions.add({ topic: 'b', partition: 3, offset: 7 });
  expect(positions.of('b')).toEqual([positions.at('b', 3)]);
  expect(positions.of('unknown')).toEqual([]);
});

it('finds the partition that was quiet for longest, each in turn', () => {
  const positions = createInboxPositions();
  expect(positions.quietest()).toBeNull();
  positions.add({ topic: 'a', partition: 0, offset: 0 });
  positions.add({ topic: 'a', partition: 1, offset: 0 });
  expect(positions.quietest()).toBeNull();
  expect(positions.quietest()?.partition).toBe(0);
  expect(positions.quietest()?.partition).toBe(1);
  expect(positions.quietest()?.partition).toBe(0);
  positions.read({ topic: 'a', partition: 1, offset: 0 });
  positions.read({ topic: 'a', partition: 0, offset: 0 });
  expect(positions.quietest()).toBeNull();
});

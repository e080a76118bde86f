import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createKeyLanes, type KeyLane } from './key-lanes.js';

type Name = 'prompt' | 'gathering';

/** What happens: a record of a key is sent while there is much or little to do, or the oldest of a producer settles. */
const step = fc.oneof(
  fc.record({ key: fc.constantFrom('a', 'b', 'ключ', ''), choice: fc.constantFrom<Name>('prompt', 'gathering') }),
  fc.record({ settles: fc.constantFrom<Name>('prompt', 'gathering') }),
);

it('never has records of one key under way at two producers, whatever the load does', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      let choice: Name = 'prompt';
      const laneOf = createKeyLanes(() => choice);
      const underWay: { key: string; at: Name; lane: KeyLane<Name> }[] = [];
      for (const now of steps) {
        if ('settles' in now) {
          const first = underWay.findIndex(({ at }) => at === now.settles);
          if (first >= 0) underWay.splice(first, 1)[0]?.lane.settled();
          continue;
        }
        ({ choice } = now);
        const lane = laneOf(now.key);
        underWay.push({ key: now.key, at: lane.producer, lane });
        const producers = new Set(underWay.filter(({ key }) => key === now.key).map(({ at }) => at));
        expect(producers.size).toBe(1);
      }
    }),
  );
});

it('chooses anew for a key of which nothing is under way', () => {
  let choice: Name = 'prompt';
  const laneOf = createKeyLanes(() => choice);
  const lanes = [laneOf('a'), laneOf('a')];
  choice = 'gathering';
  lanes[0]?.settled();
  lanes.push(laneOf('a'));
  expect(lanes.at(-1)?.producer).toBe('prompt');
  lanes[1]?.settled();
  lanes[2]?.settled();
  expect(laneOf('a').producer).toBe('gathering');
});

it('takes a key as text and the same key as bytes for one', () => {
  let choice: Name = 'prompt';
  const laneOf = createKeyLanes(() => choice);
  laneOf('ключ');
  choice = 'gathering';
  expect(laneOf(Buffer.from('ключ')).producer).toBe('prompt');
});

it('lets keys go to a producer of their own while another waits', () => {
  let choice: Name = 'prompt';
  const laneOf = createKeyLanes(() => choice);
  laneOf('a');
  choice = 'gathering';
  expect(laneOf('b').producer).toBe('gathering');
});

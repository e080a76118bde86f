import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createKeyLanes, type KeyLane } from './key-lanes.js';

const KEYS = ['a', 'b', Buffer.from('a'), Buffer.alloc(100, 'x'), `${'y'.repeat(50)}1${'y'.repeat(50)}`];

it('sends records of a key one way for as long as one of them is under way, whatever the load', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('load' as const), busy: fc.boolean() }),
    fc.record({ kind: fc.constant('send' as const), key: fc.constantFrom(...KEYS) }),
    fc.record({ kind: fc.constant('settle' as const), which: fc.nat() }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      let busy = false;
      const lanes = createKeyLanes(() => (busy ? 'gathering' : 'prompt'));
      const underWay: { readonly key: string; readonly way: string; readonly lane: KeyLane<string> }[] = [];
      for (const one of steps) {
        if (one.kind === 'load') busy = one.busy;
        else if (one.kind === 'settle') underWay.splice(one.which % Math.max(1, underWay.length), 1)[0]?.lane.settled();
        else {
          const lane = lanes.enter('orders', one.key);
          underWay.push({ key: String(one.key), way: lane.way, lane });
        }
        for (const { key, way } of underWay) {
          for (const other of underWay) if (other.key === key) expect(other.way).toBe(way);
        }
      }
    }),
  );
});

it('chooses anew when nothing of a key is under way', () => {
  let way = 'prompt';
  const lanes = createKeyLanes(() => way);
  const first = lanes.enter('orders', 'a');
  way = 'gathering';
  const second = lanes.enter('orders', 'a');
  expect(second.way).toBe('prompt');
  first.settled();
  second.settled();
  expect(lanes.enter('orders', 'a').way).toBe('gathering');
});

it('spreads keys over lanes, so that one that is under way holds few others to its way', () => {
  let way = 'prompt';
  const lanes = createKeyLanes(() => way);
  for (let i = 0; i < 100; i++) lanes.enter('orders', `customer-${i}`);
  way = 'gathering';
  const ways = Array.from({ length: 1000 }, (_, i) => lanes.enter('orders', `order-${i}`).way);
  expect(ways.filter((one) => one === 'prompt').length).toBeLessThan(400);
});

import { expect, it } from 'vitest';
import { explainSilence, type Silence } from './silence.js';

const offsets = (...pairs: [number, number][]) => new Map(pairs);
const SILENCE: Silence = {
  topic: 'orders',
  at: { partition: 2, offset: 40 },
  group: 'processor-orders',
  before: offsets([1, 9], [2, 40]),
  after: offsets([1, 9], [2, 40]),
  answered: false,
};

it.each<[string, Partial<Silence>, string | null]>([
  [
    'never committed',
    { before: offsets(), after: offsets() },
    "No processor reads this topic: group processor-orders has never committed an offset of orders. Does the processor's group have another name?",
  ],
  ['never committed, but a processor answered', { after: offsets(), answered: true }, null],
  [
    'stands still',
    {},
    'No processor reads this topic: group processor-orders stands still at 40 in partition 2, the request is at 40. (Or one that answers no questions has worked on the same requests all the time.)',
  ],
  [
    'stands still, elsewhere',
    { before: offsets([1, 9]), after: offsets([1, 9]) },
    'No processor reads this topic: group processor-orders stands still nowhere in partition 2, the request is at 40. (Or one that answers no questions has worked on the same requests all the time.)',
  ],
  ['stands still, as a processor waits for its backend', { answered: true }, null],
  [
    'moves',
    { before: offsets([1, 7], [2, 40]) },
    'A processor reads this topic, and is slow or behind: group processor-orders is at 40 in partition 2, the request at 40.',
  ],
  [
    'is past the request',
    { after: offsets([2, 41]) },
    'A processor took the request up and is done with it: group processor-orders is at 41 of partition 2.',
  ],
  ['is hidden', { after: null }, null],
  ['was hidden before', { before: null }, null],
  ['does not matter: the request is not in Kafka', { at: null }, null],
])('the group %s', (_what, silence, expected) => {
  expect(explainSilence({ ...SILENCE, ...silence })).toBe(expected);
});

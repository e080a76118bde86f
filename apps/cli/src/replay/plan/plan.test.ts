import { type Consent, judge, type Mark, readLetter, type StoredRecord } from '@kafka-http-proxy/operate';
import { expect, it } from 'vitest';
import { letterOf } from '../../testing/dead-letters.js';
import { createPlanner, destinationsOf, type PlanOptions } from './plan.js';

function stored(partition: number, offset: number, timestampMs: number, ...how: LetterMaking): StoredRecord {
  const [request, error] = how;
  const { value, headers } = letterOf('failed', request, error);
  return { topic: 'failed', partition, offset, timestampMs, key: null, value, headers };
}

type Making = Parameters<typeof letterOf>;
type LetterMaking = [request?: Making[1], error?: Making[2]];

function planOf(records: readonly [StoredRecord, Mark?][], options: Partial<PlanOptions> = {}) {
  const planner = createPlanner({
    consents: new Set<Consent>(),
    to: null,
    isRequestTopic: (topic) => topic.startsWith('orders'),
    limit: Number.POSITIVE_INFINITY,
    ...options,
  });
  for (const [record, mark = null] of records) {
    const letter = readLetter(record);
    planner.add(letter, judge(letter, mark));
  }
  return planner.plan();
}

const places = ({ letters }: ReturnType<typeof planOf>) =>
  letters.map(({ partition, offset }) => `${partition}@${offset}`);
const mark = (fields: Partial<Mark>): Mark => ({ v: 1, state: 'sending', n: 1, run: 'r', by: 'a@b', at: 1, ...fields });

it('sends the oldest first, and keeps the order of a partition whatever its times say', () => {
  const plan = planOf([[stored(0, 1, 300)], [stored(0, 2, 100)], [stored(1, 7, 200)], [stored(1, 8, 400)]]);
  expect(places(plan)).toEqual(['1@7', '0@1', '0@2', '1@8']);
});

it('counts why it passes over the others', () => {
  const plan = planOf(
    [
      [stored(0, 1, 1)],
      [stored(0, 2, 1, { method: 'GET' })],
      [stored(0, 3, 1), mark({ state: 'answered', status: 200, to: ['orders', 0, 1] })],
      [stored(0, 4, 1), mark({})],
      [stored(0, 5, 1, {}, { topic: 'payments' })],
      [stored(0, 6, 1)],
    ],
    { limit: 1 },
  );
  expect(places(plan)).toEqual(['0@1']);
  expect(Object.fromEntries(plan.passedOver)).toEqual({
    read_only: 1,
    answered: 1,
    may_have_run: 1,
    other_topic: 1,
    limit: 1,
  });
  expect(plan.total).toBe(6);
});

it('says of what was sent already, and is to be sent again, what else holds it back', () => {
  const consents = new Set<Consent>(['--again']);
  const plan = planOf([[stored(0, 3, 1), mark({ state: 'answered', status: 200, to: ['orders', 0, 1] })]], {
    consents,
  });
  expect(Object.fromEntries(plan.passedOver)).toEqual({ may_have_run: 1 });
});

it('sends what was agreed to, to the topic that was named, and counts on from what was sent before', () => {
  const plan = planOf([[stored(0, 4, 1), mark({ n: 2 })], [stored(0, 5, 1, {}, { topic: 'payments' })]], {
    consents: new Set(['--allow-repeat']),
    to: 'repairs',
  });
  expect(plan.letters).toMatchObject([
    { offset: 4, n: 3, to: 'repairs', replyTopic: 'orders-responses', version: 2 },
    { offset: 5, n: 1, to: 'repairs' },
  ]);
  expect(destinationsOf(plan)).toEqual([['repairs', 2]]);
});

import type { AccessNeed } from '@kafka-http-proxy/kafka';
import { expect, it } from 'vitest';
import { type Planned, without } from './plan/plan.js';
import { demandTopics, openAnswers } from './preflight.js';

const planned = (replyTopic: string | null, version: 1 | 2 = 2): Planned => ({
  partition: 0,
  offset: 1,
  atMs: 1,
  bytes: 1,
  to: 'orders',
  version,
  replyTopic,
  n: 1,
});
const opened: string[] = [];
const session = {
  answersAt(topic: string) {
    opened.push(topic);
    if (topic === 'denied') return Promise.reject(new Error('Kafka denies Read on topic denied: an ACL is missing'));
    return Promise.resolve({ topic, partition: 3 });
  },
};
const inspector = {
  cluster: async () => ({ brokers: [], topics: { has: () => true } as unknown as ReadonlyMap<string, []> }),
  denied: async () => [],
};
const means = { session, inspector, isReplyTopic: (topic: string) => topic !== 'khp-control' };
const none = { forced: undefined, fallback: undefined };

it('names a topic that is not there, and a right that is missing', async () => {
  const inspector = {
    cluster: async () => ({ brokers: [], topics: new Map([['orders', []]]) }),
    denied: async (needs: readonly AccessNeed[]) => needs.filter(({ name }) => name === 'secret'),
  };
  const write = (name: string): AccessNeed => ({ resource: 'topic', name, operations: ['Write'] });
  await demandTopics(inspector, [write('orders')]);
  await expect(demandTopics(inspector, [write('orders'), write('oders')])).rejects.toThrow('There is no topic oders');
  await expect(demandTopics(inspector, [write('orders'), write('secret')])).rejects.toThrow(
    "Kafka denies Write on topic secret: an ACL is missing. Have it granted by\n  kafka-acls --add --allow-principal 'User:<principal>' --operation Write --topic secret",
  );
});

it('reads answers where letters say, or where it is told to, each topic once', async () => {
  opened.length = 0;
  const letters = [planned('a'), planned('b'), planned('a'), planned(null, 1)];
  const { addressOf } = await openAnswers(letters, none, means);
  expect(opened).toEqual(['a', 'b']);
  expect(letters.map(addressOf)).toEqual([
    { topic: 'a', partition: 3 },
    { topic: 'b', partition: 3 },
    { topic: 'a', partition: 3 },
    null,
  ]);
  expect((await openAnswers([planned('a')], { ...none, forced: 'mine' }, means)).addressOf(planned('a'))?.topic).toBe(
    'mine',
  );
  expect((await openAnswers([planned(null)], { ...none, fallback: 'f' }, means)).addressOf(planned(null))?.topic).toBe(
    'f',
  );
});

it('says what to do where answers can not be read', async () => {
  await expect(openAnswers([planned('denied')], none, means)).rejects.toThrow(
    "Answers can't be read from denied: Kafka denies Read on topic denied: an ACL is missing\nName one with --reply-topic",
  );
  await expect(openAnswers([planned('khp-control')], none, means)).rejects.toThrow('It is no response topic.');
  await expect(openAnswers([planned(null)], none, means)).rejects.toThrow('Letters name no response topic');
  const many = Array.from({ length: 51 }, (_, i) => planned(`r${i}`));
  await expect(openAnswers(many, none, means)).rejects.toThrow('Letters name 51 response topics; 50 is the most');
});

it('holds back the letters that name what can not be read, and no others', async () => {
  const letters = [planned('a'), planned('denied')];
  const answers = await openAnswers(letters, none, means);
  expect(letters.map(answers.isUnreadable)).toEqual([false, true]);
  expect(answers.troubles).toEqual([expect.stringContaining("Answers can't be read from denied")]);
  const plan = without({ letters, passedOver: new Map(), total: 2 }, answers.isUnreadable, 'no_answers');
  expect(plan).toEqual({ letters: [letters[0]], passedOver: new Map([['no_answers', 1]]), total: 2 });
});

import { decodeInquiry, type TopicState, type WireRecord } from '@kafka-http-proxy/protocol';
import { FakeClock } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { createWhereabouts } from './whereabouts.js';

const address = { topic: 'replies', partition: 3 };
const NOTHING: TopicState = { reads: false, partitions: 0, open: 0, lag: 0, unhealthy: false };
const READS: TopicState = { ...NOTHING, reads: true, partitions: 1 };

function setUp({ reachable = true } = {}) {
  const clock = new FakeClock();
  const asked: WireRecord[] = [];
  let ids = 0;
  const whereabouts = createWhereabouts({
    ask(question) {
      asked.push(question);
      return reachable;
    },
    nextId: () => `id-${++ids}`,
    isConfigured: (topic) => topic !== 'named',
    clock,
  });
  const causes: (string | null)[] = [];
  const explain = (topic = 'orders') => whereabouts.explain(topic, address, (cause) => causes.push(cause));
  return { clock, asked, whereabouts, causes, explain };
}

describe('what became of a request that timed out', () => {
  it('is asked of the processors, once for all that time out meanwhile and for a while behind them', async () => {
    const { clock, asked, whereabouts, causes, explain } = setUp();
    explain();
    explain();
    expect(asked.map((record) => decodeInquiry(record))).toEqual([{ id: 'id-1', topic: 'orders', reply: address }]);
    whereabouts.answered('id-1', READS);
    explain();
    expect([causes.length, asked.length, clock.waiting]).toEqual([3, 1, 0]);
    await clock.advance(1000);
    explain();
    expect(asked).toHaveLength(2);
  });

  it.each<[string, TopicState[], RegExp]>([
    ['that nobody answers for', [], /No processor of topic orders answers.*control_topic/],
    ['that none of the processors reads', [NOTHING, NOTHING], /No processor reads topic orders/],
    ['that a processor is given nothing of', [{ ...READS, partitions: 0 }], /none of its partitions/],
    ['whose backend fails', [{ ...READS, open: 5, unhealthy: true }], /its backend fails often/],
    ['with a queue', [{ ...READS, open: 90, lag: 400 }], /is behind: 490 requests/],
    ['at a slow backend', [NOTHING, { ...READS, open: 1 }], /waits for its backend/],
    ['that was read to its end', [READS], /was taken up, and no reply came to replies/],
  ])('of a topic %s says so', async (_what, states, cause) => {
    const { clock, whereabouts, causes, explain } = setUp();
    explain();
    for (const state of states) whereabouts.answered('id-1', state);
    await clock.advance(500);
    expect(causes).toEqual([expect.stringMatching(cause)]);
    expect(whereabouts.notes()).toEqual([expect.stringMatching(cause)]);
  });

  it('is noted until a reply of that topic comes, or no more time out', async () => {
    const { clock, whereabouts, explain } = setUp();
    explain();
    await clock.advance(500);
    whereabouts.replied('orders');
    expect(whereabouts.notes()).toEqual([]);
    explain();
    await clock.advance(500);
    expect(whereabouts.notes()).toHaveLength(1);
    await clock.advance(60_001);
    expect(whereabouts.notes()).toEqual([]);
  });

  it('is no note where the topic is a stranger’s, and no more than twenty are asked for at once', async () => {
    const { clock, asked, whereabouts, causes, explain } = setUp();
    explain('named');
    for (let i = 0; i < 30; i++) explain(`t${i}`);
    expect(asked).toHaveLength(20);
    expect(causes).toEqual(Array(11).fill(null));
    await clock.advance(500);
    expect(whereabouts.notes().join()).not.toContain('named');
  });

  it('is not told where the processors can’t be asked, nor by who was not asked', () => {
    const { whereabouts, causes, explain, clock } = setUp({ reachable: false });
    explain();
    whereabouts.answered('id-1', READS);
    expect([causes, clock.waiting]).toEqual([[null], 0]);
  });
});

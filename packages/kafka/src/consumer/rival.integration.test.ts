import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { GroupProtocol, RequestConsumer } from '../port/request-consumer.js';
import { testSettings, testTopic } from '../testing/settings.js';
import { ensureTopics } from '../topics/ensure-topics.js';
import { createRequestConsumer } from './request-consumer.js';
import { hasMember } from './rival.js';

const broker = inject('broker');
/** Brokers have it since 4.0. */
const HAS_KIP_848 = Number.parseInt(process.env.KHP_KAFKA_VERSION ?? '4.1.0', 10) >= 4;

// The embedded broker knows no static members.
describe.runIf(broker.kind === 'kafka')('two members with one group.instance.id', { timeout: 120_000 }, () => {
  let topic = '';
  const consumers: RequestConsumer[] = [];
  beforeEach(async () => {
    topic = testTopic('static');
    await ensureTopics(testSettings(broker), [topic], { partitions: 4, replicationFactor: -1, timeoutMs: 15_000 });
  });
  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.close()));
  });

  async function join(protocol: GroupProtocol) {
    const settings = testSettings(broker, { 'group.instance.id': 'same' });
    let joined = 0;
    const consumer = await createRequestConsumer({
      settings,
      group: topic,
      protocol,
      topics: [topic],
      onRecord: () => undefined,
      onAssigned: () => void joined++,
      onRevoked: () => Promise.resolve(),
      revokeTimeoutMs: 1000,
      statisticsMs: 500,
    });
    consumers.push(consumer);
    return { consumer, restarts: settings.restarts, joined: () => joined };
  }

  const stands = (consumer: RequestConsumer, timeout: number) =>
    expect
      .poll(() => [consumer.healthy(), consumer.trouble()], { timeout })
      .toEqual([false, expect.stringContaining('group.instance.id "same"')]);
  const works = (consumer: RequestConsumer, timeout: number) =>
    expect.poll(() => [consumer.healthy(), consumer.trouble()], { timeout }).toEqual([true, null]);

  it('the first stands aside and says so, the second works; it takes over when that has gone', async () => {
    const first = await join('classic');
    await works(first.consumer, 20_000);
    const second = await join('classic');
    await stands(first.consumer, 20_000);
    await works(second.consumer, 20_000);
    const isThere = (instanceId: string) => hasMember(testSettings(broker), { group: topic, instanceId });
    expect([await isThere('same'), await isThere('other')]).toEqual([true, false]);
    // Its session of 10 s outlasts it, and until then the first keeps away.
    await second.consumer.close();
    await works(first.consumer, 60_000);
    expect([first.joined(), second.joined()]).toEqual([2, 1]);
    expect([first.restarts.length, second.restarts.length]).toEqual([1, 0]);
  });

  it.runIf(HAS_KIP_848)('the second stands aside by KIP-848, and takes over when the first has gone', async () => {
    const first = await join('consumer');
    await works(first.consumer, 20_000);
    const second = await join('consumer');
    await stands(second.consumer, 20_000);
    await works(first.consumer, 1000);
    await first.consumer.close();
    await works(second.consumer, 60_000);
    expect([first.joined(), second.joined(), first.restarts.length]).toEqual([1, 1, 0]);
  });
});

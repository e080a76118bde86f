import { afterEach, describe, expect, inject, it } from 'vitest';
import { startBackend } from '../http/scripted-backend.js';
import { startKafka } from '../kafka/real-kafka.js';
import { type Bridge, startBridge } from '../services/bridge.js';
import type { ServiceProcess } from '../services/service-process.js';

const broker = inject('broker');
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function bridgeOn(kafka: typeof broker): Promise<Bridge> {
  const backend = await startBackend();
  closers.push(() => backend.close());
  const bridge = await startBridge({
    broker: kafka,
    backendUrl: backend.url,
    // Of the other protocol: it is left out where the broker has the new one.
    processor: { GROUP_PROTOCOL: 'auto', KAFKA_PROPERTY_SESSION_TIMEOUT_MS: '9000' },
  });
  closers.push(() => bridge.close());
  return bridge;
}

interface TopicStatus {
  readonly group_protocol: string;
  readonly partitions: readonly number[];
}

async function statusOf({ managementPort }: ServiceProcess, topic: string): Promise<TopicStatus> {
  const response = await fetch(`http://127.0.0.1:${managementPort}/status`);
  const { topics } = (await response.json()) as { topics: Record<string, TopicStatus> };
  return topics[topic] as TopicStatus;
}

// The embedded broker's groups have one protocol only (docs/decisions/0007-embedded-broker-groups.md).
describe.runIf(broker.kind === 'kafka')('group_protocol: auto', () => {
  it('takes KIP-848 where the broker has it, and classic where it does not', async () => {
    const bridge = await bridgeOn(broker);
    expect((await fetch(bridge.origin)).status).toBe(200);
    const version = process.env.KHP_KAFKA_VERSION ?? '4.1.0';
    const expected = Number(version.split('.')[0]) >= 4 ? 'consumer' : 'classic';
    expect(await statusOf(bridge.processor, bridge.requestTopic)).toMatchObject({ group_protocol: expected });

    // The two share the partitions, and a request is answered wherever it goes.
    const second = await bridge.startProcessor();
    const partitions = async () => {
      const all = await Promise.all([bridge.processor, second].map((one) => statusOf(one, bridge.requestTopic)));
      return all.map((one) => one.partitions.length).sort();
    };
    await expect.poll(partitions, { timeout: 30_000 }).toEqual([2, 2]);
    const statuses = await Promise.all(Array.from({ length: 20 }, () => fetch(bridge.origin).then((r) => r.status)));
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  it('falls back to classic where the broker names it and refuses it', { timeout: 120_000 }, async () => {
    const kafka = await startKafka({ serverProperties: { 'group.coordinator.rebalance.protocols': 'classic' } });
    closers.push(() => kafka.stop());
    const bridge = await bridgeOn({ kind: 'kafka', bootstrapServers: kafka.bootstrapServers, properties: {} });
    expect((await fetch(bridge.origin)).status).toBe(200);
    expect(await statusOf(bridge.processor, bridge.requestTopic)).toMatchObject({ group_protocol: 'classic' });
    expect(JSON.stringify(bridge.processor.log)).toContain('joining by classic');
  });
});

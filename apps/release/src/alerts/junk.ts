import { createProducer } from '@kafka-http-proxy/kafka';
import type { Stage } from './stage.js';

/** Between two records, ms. */
const PACE_MS = 500;

const writers = new WeakMap<Stage, { stop(): Promise<void> }>();

/** Somebody else's producer, which writes records that are no requests to the request topic of a stage. */
export const writeJunk = {
  async start(stage: Stage): Promise<void> {
    const { bootstrapServers, properties } = stage.broker;
    const events = { error: () => undefined, log: () => undefined, restarted: () => undefined };
    const settings = { bootstrapServers, properties, clientId: 'somebody', maxRecordBytes: 1_000_000, events };
    const producer = await createProducer(settings, { messageTimeoutMs: 10_000 });
    const write = () => {
      const record = {
        topic: stage.bridge.requestTopic,
        partition: 0,
        key: null,
        value: Buffer.from('hello'),
        headers: [],
      };
      void producer.deliver(record).catch(() => undefined);
    };
    const timer = setInterval(write, PACE_MS);
    writers.set(stage, {
      async stop() {
        clearInterval(timer);
        await producer.close(1000);
      },
    });
  },
  async stop(stage: Stage): Promise<void> {
    await writers.get(stage)?.stop();
  },
};

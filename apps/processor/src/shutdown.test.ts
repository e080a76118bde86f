import { describe, expect, it } from 'vitest';
import { MemoryKafka } from './testing/memory-kafka.js';
import { rawBackend } from './testing/raw-backend.js';
import { topic } from './testing/samples.js';
import { fresh, OK, start } from './testing/started.js';

describe('stopping a processor', () => {
  it('stops while Kafka is away', async () => {
    const kafka = new MemoryKafka();
    kafka.up = new Promise(() => {});
    const { processor } = await start({}, kafka);
    await processor.stop();
    await expect(processor.connected).rejects.toThrow('aborted');
  });

  it('finishes what runs before it stops, and flushes within the grace period', async () => {
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    let answer = () => {};
    const { url } = await rawBackend((socket) => {
      answer = () => socket.write(OK);
      arrived();
    });
    const { processor, kafka } = await start({ topics: [topic({ backend_url: url })] });
    await processor.connected;
    kafka.give(fresh());
    await arrival;
    const stopped = processor.stop();
    expect(processor.ready().ready).toBe(false);
    answer();
    await stopped;
    expect(kafka.stored.get('requests/0')).toBe(1);
    expect(kafka.closedWithMs).toBeGreaterThan(25_000);
  });

  it('gives up what does not end in the grace period, and leaves it to the next owner', async () => {
    let arrived = () => {};
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const { url, disconnected } = await rawBackend(() => arrived());
    const { processor, kafka } = await start({ topics: [topic({ backend_url: url })], shutdown_grace: 0.2 });
    await processor.connected;
    kafka.give(fresh());
    await arrival;
    await processor.stop();
    await disconnected;
    expect([kafka.stored.size, kafka.producer.tries.length]).toEqual([0, 0]);
  });

  it('flushes what was finished though a consumer does not close', async () => {
    const kafka = new MemoryKafka();
    kafka.closing = new Promise(() => {});
    const { processor } = await start({ shutdown_grace: 2 }, kafka);
    await processor.connected;
    await processor.stop();
    expect(kafka.closedWithMs).toBeGreaterThan(500);
  });
});

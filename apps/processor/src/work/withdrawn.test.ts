import { setImmediate as turn } from 'node:timers/promises';
import { encodeContinuationV2, NO_SEQUENCE } from '@kafka-http-proxy/protocol';
import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { pipeline } from '../testing/pipeline.js';
import { record } from '../testing/samples.js';

describe('a request that is withdrawn while it waits for a slot', () => {
  const cancel = (id: string) => {
    const sequence = { ...NO_SEQUENCE, cancel: true };
    const { value, headers } = encodeContinuationV2({
      correlationId: id,
      sequence,
      error: null,
      body: null,
      trailers: null,
    });
    const buffers = headers.map((header) =>
      Object.fromEntries(Object.entries(header).map(([name, text]) => [name, Buffer.from(text)])),
    );
    return { ...record({ topic: 'khp-control' }), value, headers: buffers };
  };

  it('ends at once, and gives its memory back, while the slots are taken', async () => {
    const { take, conversations, called, stored, budget, value, producer } = pipeline({
      respond: () => undefined,
      config: { max_concurrent_requests: 1 },
    });
    take(record({ offset: 0 }));
    for (let offset = 1; offset < 100; offset++) {
      take(record({ offset }, { correlationId: `waits-${offset}`, headers: ['a', 'x'.repeat(10_000)] }));
    }
    expect(budget.reserved).toBeGreaterThan(99 * 20_000);
    for (let offset = 1; offset < 100; offset++) conversations.take(cancel(`waits-${offset}`));
    await turn();
    expect(called).toHaveLength(1);
    expect(budget.reserved).toBeLessThan(1_000);
    expect(await value('processor_cancelled_total')).toBe(99);
    expect([stored, producer.tries]).toEqual([[], []]);
  });

  it('before it was taken up does not wait for one either', async () => {
    const { take, conversations, dispatcher, called } = pipeline({
      respond: () => undefined,
      config: { max_concurrent_requests: 1 },
    });
    take(record({ offset: 0 }));
    conversations.take(cancel('soon'));
    await turn();
    take(record({ offset: 1 }, { correlationId: 'soon' }));
    await settled();
    expect([called.length, dispatcher.open()]).toEqual([1, 1]);
  });

  it('with the rest of its body elsewhere asks for none of it', async () => {
    const { take, conversations, producer } = pipeline({
      respond: () => undefined,
      config: { max_concurrent_requests: 1 },
    });
    take(record({ offset: 0 }));
    take(record({ offset: 1 }, { correlationId: 'long', more: true, method: 'POST', body: Buffer.from('a') }));
    conversations.take(cancel('long'));
    await turn();
    await settled();
    expect(producer.tries).toEqual([]);
  });
});

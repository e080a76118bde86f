import { decodeInbox } from '@kafka-http-proxy/protocol';
import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { pausing, refused } from '../testing/pausing.js';
import { broken, ok, type Respond } from '../testing/pipeline.js';
import { letters, replies } from '../testing/replies.js';

describe('a topic with on_unhealthy: pause', () => {
  it('fails nothing while its backend is away, and then carries all out', async () => {
    const { ask, open, backend, clock, producer, targets, stored, value, reading } = pausing();
    await open();
    expect(reading.mock.calls).toEqual([['pause', 'requests', [0]]]);
    for (const name of ['1', '2', '3']) ask(name, { method: 'POST' });
    await clock.advance(22_000);
    // One tried, each time: its connection was refused, so it waits on.
    expect(targets()).toEqual(['1', '1', '1', '1']);
    expect([producer.sent, stored]).toEqual([[], [1]]);
    backend(ok());
    await clock.advance(3_000);
    expect(targets().slice(4)).toEqual(['1', '2', '3']);
    expect(replies(producer)).toEqual(['1', '2', '3'].map((name) => [`nonce123-${name}`, 200, null]));
    expect(letters(producer)).toEqual([]);
    expect(stored.at(-1)).toBe(4);
    expect(await value('processor_messages_total', { status: 'success' })).toBe(3);
    // Each is counted once, however often it tried.
    expect(await value('processor_queue_time_seconds', { le: '+Inf' })).toBe(4);
    expect(reading.mock.calls).toEqual([
      ['pause', 'requests', [0]],
      ['resume', 'requests', [0]],
    ]);
    expect(clock.waiting).toBe(0);
  });

  it('lets what the backend may have carried out fail, and nothing else', async () => {
    const { ask, open, backend, clock, producer, targets } = pausing();
    await open();
    backend(broken);
    ask('post', { method: 'POST' });
    await clock.advance(5_000);
    ask('get');
    ask('keyed', { method: 'POST', headers: ['Idempotency-Key', 'a'] });
    expect(replies(producer)).toEqual([['nonce123-post', 502, 'backend_unreachable']]);
    expect(letters(producer)).toEqual([{ code: 'backend_unreachable', attempts: 1 }]);
    await clock.advance(12_000);
    expect(targets()).toEqual(['post', 'get', 'get']);
    expect(replies(producer)).toHaveLength(1);
  });

  it('says of what was answered meanwhile nothing that makes a queue', async () => {
    const { ask, open, backend, clock, producer } = pausing();
    const sinks: Parameters<Respond>[1][] = [];
    backend((_request, sink) => sinks.push(sink));
    ask('slow');
    backend(refused);
    await open();
    sinks[0]?.head({ status: 200, reason: null, headers: [] });
    sinks[0]?.end(null);
    await settled();
    backend(ok());
    ask('trial');
    await clock.advance(5_000);
    const took = producer.to('responses').map((one) => {
      const read = decodeInbox(one);
      return read.ok && read.value.kind === 'reply' ? read.value.reply.tookMs : undefined;
    });
    expect(took).toEqual([null, 0]);
  });

  it('ends a request that waits at its deadline, as expired', async () => {
    const { ask, open, clock, producer, called, stored, value } = pausing();
    await open();
    ask('short', { inMs: 3_000 });
    ask('long');
    await clock.advance(2_999);
    expect(producer.sent).toEqual([]);
    await clock.advance(1);
    expect(replies(producer)).toEqual([['nonce123-short', 504, 'timeout']]);
    expect(letters(producer)).toEqual([{ code: 'timeout', attempts: 0 }]);
    expect(called).toEqual([]);
    expect(stored.at(-1)).toBe(2);
    expect(await value('processor_expired_total')).toBe(1);
  });

  it('lets what has begun finish, its retries included', async () => {
    const { ask, backend, clock, producer, targets } = pausing({ max_retries: 3 });
    const first = new Map<string, () => void>();
    backend((_request, sink) => {
      const name = targets().at(-1) as string;
      first.set(name, () => sink.failed({ kind: 'unreachable', sent: true, cause: new Error('reset') }));
    });
    ask('fails', { method: 'POST' });
    ask('retries');
    first.get('fails')?.();
    await settled();
    expect(replies(producer)).toEqual([['nonce123-fails', 502, 'backend_unreachable']]);
    ask('waits');
    backend(ok());
    first.get('retries')?.();
    await clock.advance(1_000);
    expect(replies(producer)[1]).toEqual(['nonce123-retries', 200, null]);
    expect(targets()).toEqual(['fails', 'retries', 'retries']);
  });

  it('keeps the order of equal keys', async () => {
    const { ask, open, backend, clock, targets } = pausing({ ordering: 'key' });
    await open();
    for (const name of ['k1', 'k2', 'k3']) ask(name, { key: 'k' });
    ask('l1', { key: 'l', inMs: 90_000 });
    await clock.advance(11_000);
    backend(ok());
    await clock.advance(5_000);
    expect(targets().filter((name) => name.startsWith('k'))).toEqual(['k1', 'k2', 'k3']);
    expect(targets().at(-1)).toBe('k3');
  });

  it('does not keep back a request whose body came in parts: it can not be had again', async () => {
    const { ask, open, clock, producer } = pausing();
    await open();
    ask('upload', { more: true, body: Buffer.from('x') });
    await clock.advance(6_000);
    expect(letters(producer)).toEqual([{ code: 'backend_unreachable', attempts: 1 }]);
  });

  it('leaves all that waits to the next owner when the partition goes, its trial too', async () => {
    const { ask, open, backend, clock, rebalance, stored, producer, dispatcher, called, reading } = pausing();
    await open();
    let fail: (() => void) | undefined;
    backend((_request, sink) => {
      fail = () => sink.failed({ kind: 'unreachable', sent: false, cause: new Error('ECONNREFUSED') });
    });
    ask('1');
    ask('2');
    await clock.advance(5_000);
    const gone = rebalance.revoked([{ topic: 'requests', partition: 0 }], false);
    fail?.();
    await settled();
    await gone;
    await clock.advance(120_000);
    expect([called.length, dispatcher.open(), producer.sent, stored]).toEqual([1, 0, [], [1]]);
    // The trial showed that the backend is still away; then nothing was there to try with.
    expect(dispatcher.pausedBy('requests')).toEqual([]);
    reading.mockClear();
    ask('of no partition of ours');
    rebalance.assigned([{ topic: 'requests', partition: 0 }]);
    expect(reading).not.toHaveBeenCalled();
    ask('3');
    rebalance.assigned([{ topic: 'requests', partition: 1 }]);
    expect(reading.mock.calls).toEqual([
      ['pause', 'requests', [0]],
      ['pause', 'requests', [1]],
    ]);
  });
});

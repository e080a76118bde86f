import { DeadLetterError, decodeInbox, type RequestEnvelope } from '@kafka-http-proxy/protocol';
import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import type { MemoryProducer } from './testing/memory-producer.js';
import { broken, ok, pipeline, type Respond } from './testing/pipeline.js';
import { record, topic } from './testing/samples.js';

const refused: Respond = (_request, sink) =>
  queueMicrotask(() => sink.failed({ kind: 'unreachable', sent: false, cause: new Error('ECONNREFUSED') }));
const hanging: Respond = () => undefined;
const status =
  (code: number): Respond =>
  (_request, sink) =>
    queueMicrotask(() => {
      sink.head({ status: code, reason: null, headers: [] });
      sink.end(null);
    });

/** Status of each reply by the target of its request, in the order in which they were written. */
function replies(producer: MemoryProducer): [string, number, string | null][] {
  return producer.to('responses').map((one) => {
    const read = decodeInbox(one);
    if (!read.ok || read.value.kind !== 'reply') throw new Error('no reply');
    const { correlationId, status, error } = read.value.reply;
    return [correlationId, status as number, error];
  });
}

function letters(producer: MemoryProducer): { code: string; attempts: number }[] {
  return producer.to('dead').map(({ headers }) => {
    const { code, attempts } = DeadLetterError.parse(JSON.parse(String(headers.at(-1)?.['khp-error'])));
    return { code, attempts };
  });
}

/** A topic that waits for its backend, whose breaker one failure opens for 5 s. */
function setup(change: Parameters<typeof topic>[0] = {}, maxConcurrent = 10) {
  let respond: Respond = refused;
  const pausing = topic({
    on_unhealthy: 'pause',
    circuit_breaker: { min_rps: 0, half_open_after: 5 },
    max_retries: 1,
    retry_statuses: [503],
    ...change,
  });
  const all = pipeline({
    respond: (request, sink) => respond(request, sink),
    config: { topics: [pausing], max_concurrent_requests: maxConcurrent },
  });
  let offset = 0;
  const ask = (name: string, envelope: Partial<RequestEnvelope> & { inMs?: number; key?: string } = {}) => {
    const { inMs = 60_000, key, ...rest } = envelope;
    const about = { offset: offset++, timestampMs: all.clock.now(), key: key === undefined ? null : Buffer.from(key) };
    const id = `nonce123-${name}`;
    all.take(record(about, { correlationId: id, target: `/${name}`, deadlineMs: all.clock.now() + inMs, ...rest }));
  };
  const targets = () => all.called.map(({ target }) => target.slice(1));
  /** One request fails, and the breaker opens; what that left behind is taken away. */
  const open = async () => {
    ask('first');
    await settled();
    expect(replies(all.producer)).toEqual([['nonce123-first', 502, 'backend_unreachable']]);
    all.producer.sent.length = 0;
    all.called.length = 0;
  };
  const backend = (now: Respond) => {
    respond = now;
  };
  return { ...all, ask, open, targets, backend };
}

describe('a topic with on_unhealthy: pause', () => {
  it('fails nothing while its backend is away, and then carries all out', async () => {
    const { ask, open, backend, clock, producer, targets, stored, value, reading } = setup();
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
    const { ask, open, backend, clock, producer, targets } = setup();
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

  it.each<[string, Respond]>([
    ['a status of retry_statuses', status(503)],
    ['no answer in time', hanging],
  ])('has a trial wait on after %s', async (_, respond) => {
    const { ask, open, backend, clock, producer, stored } = setup({ timeout: 2 });
    await open();
    backend(respond);
    ask('1');
    await clock.advance(12_500);
    backend(ok());
    await clock.advance(20_000);
    expect(replies(producer)).toEqual([['nonce123-1', 200, null]]);
    expect(stored.at(-1)).toBe(2);
  });

  it('says of what was answered meanwhile nothing that makes a queue', async () => {
    const { ask, open, backend, clock, producer } = setup();
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
    const { ask, open, clock, producer, called, stored, value } = setup();
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

  it('says of one that tried in vain how often', async () => {
    const { ask, open, clock, producer } = setup();
    await open();
    ask('1', { inMs: 12_000 });
    await clock.advance(12_000);
    expect(letters(producer)).toEqual([{ code: 'timeout', attempts: 2 }]);
  });

  it('fails a trial that has no time left to wait', async () => {
    const { ask, open, backend, clock, producer } = setup();
    await open();
    backend(hanging);
    ask('1', { inMs: 7_000 });
    await clock.advance(7_000);
    expect(replies(producer)).toEqual([['nonce123-1', 504, 'backend_timeout']]);
    expect(letters(producer)).toEqual([{ code: 'backend_timeout', attempts: 1 }]);
  });

  it('does not try with a body that comes in parts where something else waits', async () => {
    const { ask, open, clock, targets } = setup();
    await open();
    ask('upload', { method: 'PUT', more: true, body: Buffer.from('x'), inMs: 90_000 });
    ask('whole');
    await clock.advance(5_000);
    expect(targets()).toEqual(['whole']);
  });

  it('lets what has begun finish, its retries included', async () => {
    const { ask, backend, clock, producer, targets } = setup({ max_retries: 3 });
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
    const { ask, open, backend, clock, targets } = setup({ ordering: 'key' });
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
    const { ask, open, clock, producer } = setup();
    await open();
    ask('upload', { more: true, body: Buffer.from('x') });
    await clock.advance(6_000);
    expect(letters(producer)).toEqual([{ code: 'backend_unreachable', attempts: 1 }]);
  });

  it('leaves all that waits to the next owner when the partition goes, its trial too', async () => {
    const { ask, open, backend, clock, rebalance, stored, producer, dispatcher, called, reading } = setup();
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
    // The trial told that the backend is still away; then nothing was there to try with.
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

describe('a topic with on_unhealthy: fail_fast', () => {
  it('has its trial answered like any request, with the attempts that it may have', async () => {
    const { ask, open, backend, clock, producer, targets, reading } = setup({ on_unhealthy: 'fail_fast' });
    await open();
    ask('held-off');
    await settled();
    expect(replies(producer)).toEqual([['nonce123-held-off', 503, 'backend_unhealthy']]);
    await clock.advance(5_000);
    ask('trial');
    await settled();
    expect(replies(producer)[1]).toEqual(['nonce123-trial', 502, 'backend_unreachable']);
    backend(ok());
    await clock.advance(5_000);
    ask('again');
    await settled();
    expect(replies(producer)[2]).toEqual(['nonce123-again', 200, null]);
    expect(targets()).toEqual(['trial', 'again']);
    expect(reading).not.toHaveBeenCalled();
  });
});

import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { hanging, pausing } from '../testing/pausing.js';
import { ok, type Respond } from '../testing/pipeline.js';
import { letters, replies } from '../testing/replies.js';

const status =
  (code: number): Respond =>
  (_request, sink) =>
    queueMicrotask(() => {
      sink.head({ status: code, reason: null, headers: [] });
      sink.end(null);
    });

describe('the trial of a topic with on_unhealthy: pause', () => {
  it.each<[string, Respond]>([
    ['a status of retry_statuses', status(503)],
    ['no answer in time', hanging],
  ])('has a trial wait on after %s', async (_, respond) => {
    const { ask, open, backend, clock, producer, stored } = pausing({ timeout: 2 });
    await open();
    backend(respond);
    ask('1');
    await clock.advance(12_500);
    backend(ok());
    await clock.advance(20_000);
    expect(replies(producer)).toEqual([['nonce123-1', 200, null]]);
    expect(stored.at(-1)).toBe(2);
  });

  it('says of one that tried in vain how often', async () => {
    const { ask, open, clock, producer } = pausing();
    await open();
    ask('1', { inMs: 12_000 });
    await clock.advance(12_000);
    expect(letters(producer)).toEqual([{ code: 'timeout', attempts: 2 }]);
  });

  it('fails a trial that has no time left to wait', async () => {
    const { ask, open, backend, clock, producer } = pausing();
    await open();
    backend(hanging);
    ask('1', { inMs: 7_000 });
    await clock.advance(7_000);
    expect(replies(producer)).toEqual([['nonce123-1', 504, 'backend_timeout']]);
    expect(letters(producer)).toEqual([{ code: 'backend_timeout', attempts: 1 }]);
  });

  it('does not try with a body that comes in parts where something else waits', async () => {
    const { ask, open, clock, targets } = pausing();
    await open();
    ask('upload', { method: 'PUT', more: true, body: Buffer.from('x'), inMs: 90_000 });
    ask('whole');
    await clock.advance(5_000);
    expect(targets()).toEqual(['whole']);
  });
});

describe('a topic with on_unhealthy: fail_fast', () => {
  it('has its trial answered like any request, with the attempts that it may have', async () => {
    const { ask, open, backend, clock, producer, targets, reading } = pausing({ on_unhealthy: 'fail_fast' });
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

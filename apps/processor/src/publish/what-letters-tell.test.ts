import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { hanging, pausing, refused } from '../testing/pausing.js';
import { broken, ok, pipeline, type Respond } from '../testing/pipeline.js';
import { deadLetterError } from '../testing/replies.js';
import { record, topic } from '../testing/samples.js';

/** Does one after the other, and then the last again and again. */
function inTurn(...responds: Respond[]): Respond {
  let nth = 0;
  return (request, sink) => responds[Math.min(nth++, responds.length - 1)]?.(request, sink);
}

const POST = { method: 'POST', deadlineMs: 1_060_000 };
const KEYED = { ...POST, headers: ['Idempotency-Key', 'a'] };

/** What the letter tells of a request, a minute later. */
async function told(options: Parameters<typeof pipeline>[0], envelope: Parameters<typeof record>[1], about = {}) {
  const { take, clock, producer } = pipeline(options);
  take(record(about, envelope));
  await clock.advance(70_000);
  return deadLetterError(producer);
}

describe('a dead letter tells whether the backend may have seen the request', () => {
  it.each<[string, string, Respond, typeof POST, number, number]>([
    ['no', 'each connection was refused', refused, POST, 3, 502],
    ['maybe', 'the connection broke after something was written', broken, POST, 1, 502],
    ['maybe', 'one of its attempts may have arrived, though the last did not', inTurn(broken, refused), KEYED, 3, 502],
    ['maybe', 'no answer came in time', hanging, POST, 1, 504],
    ['yes', 'its answer fits no record', ok('x'.repeat(2_000)), POST, 1, 502],
    ['yes', 'it answered, before a connection was refused', inTurn(status(503), refused), KEYED, 3, 502],
  ])('%s: %s', async (sent, _title, respond, envelope, attempts, told_status) => {
    const topics = [topic({ max_retries: 3, timeout: 10, retry_statuses: [503] })];
    const config = { topics, kafka: { max_record_bytes: 1_024 } };
    const error = await told({ respond, config, inbox: false }, envelope);
    expect(error).toMatchObject({ sent, attempts, status: told_status });
  });

  it('no: it was never tried', async () => {
    const error = await told({}, { ...POST, deadlineMs: 1_000_000 });
    expect(error).toMatchObject({ code: 'timeout', attempts: 0, sent: 'no', status: 504 });
  });

  it('maybe: it was there before the partition was ours, so that somebody else may have had it', async () => {
    const error = await told({ respond: refused }, POST, { timestampMs: 999_999 });
    expect(error).toMatchObject({ code: 'backend_unreachable', sent: 'maybe' });
  });

  it('maybe: it came back to this process, which had it before', async () => {
    const { take, clock, rebalance, producer } = pipeline({ respond: inTurn(hanging, refused) });
    const partitions = [{ topic: 'requests', partition: 0 }];
    take(record({}, POST));
    const revoked = rebalance.revoked(partitions, false);
    await clock.advance(1_000);
    await revoked;
    rebalance.assigned(partitions);
    take(record({}, POST));
    await clock.advance(10_000);
    expect(deadLetterError(producer)).toMatchObject({ code: 'backend_unreachable', sent: 'maybe' });
  });

  it('maybe: of a trial that may have arrived, after which it waited for its turn', async () => {
    const { ask, open, backend, clock, producer } = pausing({ timeout: 2 });
    await open();
    backend(hanging);
    ask('trial', { inMs: 11_000 });
    await clock.advance(8_000);
    backend(refused);
    await clock.advance(10_000);
    expect(deadLetterError(producer)).toMatchObject({ attempts: 1, sent: 'maybe', code: 'timeout' });
  });
});

describe('a dead letter tells what the client was told', () => {
  it('no status: nobody was answered, since nobody waits any more', async () => {
    const error = await told({}, { ...POST, deadlineMs: 960_000 });
    expect(error).toMatchObject({ code: 'timeout', sent: 'no' });
    expect(error).not.toHaveProperty('status');
  });

  it('no status: the reply could not be written', async () => {
    const fate = (to: string) => (to === 'responses' ? 'unknown_topic' : null);
    const error = await told({ fate, respond: refused }, POST);
    expect(error.code).toBe('backend_unreachable');
    expect(error).not.toHaveProperty('status');
  });

  it('503 where the breaker was open, and that nothing was sent', async () => {
    const breaking = topic({ circuit_breaker: { min_rps: 0, half_open_after: 60 }, max_retries: 1 });
    const { take, producer } = pipeline({ respond: broken, config: { topics: [breaking] } });
    take(record({ offset: 0 }, POST));
    await settled();
    producer.sent.length = 0;
    take(record({ offset: 1 }, POST));
    await settled();
    expect(deadLetterError(producer)).toMatchObject({ code: 'backend_unhealthy', sent: 'no', status: 503 });
  });
});

describe('a dead letter tells the trace', () => {
  it.each([
    ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', '4bf92f3577b34da6a3ce929d0e0e4736'],
    ['00-00000000000000000000000000000000-00f067aa0ba902b7-01', undefined],
    ['<script>', undefined],
  ])('of traceparent %s', async (traceparent, trace) => {
    const error = await told({ respond: refused }, { ...POST, trace: { traceparent } });
    expect(error.trace).toBe(trace);
  });
});

function status(code: number): Respond {
  return (_request, sink) =>
    queueMicrotask(() => {
      sink.head({ status: code, reason: null, headers: [] });
      sink.end(null);
    });
}

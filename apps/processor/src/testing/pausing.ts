import type { RequestEnvelope } from '@kafka-http-proxy/protocol';
import { settled } from '@kafka-http-proxy/streams/testing';
import { expect } from 'vitest';
import { pipeline, type Respond } from './pipeline.js';
import { replies } from './replies.js';
import { record, topic } from './samples.js';

/** Refuses connections, a moment later: nothing was sent. */
export const refused: Respond = (_request, sink) =>
  queueMicrotask(() => sink.failed({ kind: 'unreachable', sent: false, cause: new Error('ECONNREFUSED') }));

/** Never answers. */
export const hanging: Respond = () => undefined;

/** The core of a topic that waits for its backend, whose breaker one failure opens for 5 s. @param more of the pipeline */
export function pausing(
  change: Parameters<typeof topic>[0] = {},
  maxConcurrent = 10,
  more: Parameters<typeof pipeline>[0] = {},
) {
  let respond: Respond = refused;
  const waits = topic({
    on_unhealthy: 'pause',
    circuit_breaker: { min_rps: 0, half_open_after: 5 },
    max_retries: 1,
    retry_statuses: [503],
    ...change,
  });
  const all = pipeline({
    ...more,
    respond: (request, sink) => respond(request, sink),
    config: { topics: [waits], max_concurrent_requests: maxConcurrent },
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

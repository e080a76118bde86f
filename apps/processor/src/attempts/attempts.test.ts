import { headerValue, TokenBucket } from '@kafka-http-proxy/protocol';
import { FakeClock, settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it, vi } from 'vitest';
import type { Backend, BackendFailure, BackendSink } from '../backend/backend.js';
import type { BackendRequest } from '../backend/backend-request.js';
import { Assignment } from '../partitions/assignment.js';
import { NO_LIMIT } from '../testing/no-limit.js';
import { backendRequest } from '../testing/samples.js';
import { type AttemptSettings, execute } from './attempts.js';

/** What the backend does with one attempt: a status, a failure, or nothing at all. */
type Script = number | Partial<BackendFailure> | 'hang';

const POST = backendRequest({ method: 'POST', repeatable: false });
const GET: BackendRequest = { ...POST, method: 'GET', repeatable: true };

function setup(scripts: Script[], change: Partial<AttemptSettings> = {}) {
  const clock = new FakeClock(0);
  const assignment = new Assignment('t', 0, 0);
  const sentAt: number[] = [];
  const timesLeft: (string | undefined)[] = [];
  const aborted = vi.fn();
  const backend: Backend = {
    send(request, sink) {
      timesLeft.push(headerValue(request.headers, 'x-kafka-time-left'));
      const script = scripts[Math.min(sentAt.length, scripts.length - 1)] as Script;
      sentAt.push(clock.now());
      if (script !== 'hang') queueMicrotask(() => play(script, sink));
      return { sent: true, abort: aborted, resume() {} };
    },
  };
  const settings: AttemptSettings = {
    backend,
    timeoutMs: 1_000,
    maxAttempts: 3,
    retryStatuses: new Set([503]),
    maxBodyBytes: 100,
    budget: NO_LIMIT,
    bucket: null,
    clock,
    // The whole backoff: 100, 200, 400 ms (less one, rounded down).
    random: () => 1 - Number.EPSILON,
    onAttempt: vi.fn(),
    onRetry: vi.fn(),
    ...change,
  };
  const run = async (request: BackendRequest, deadlineMs: number, forMs = 100_000) => {
    const running = execute(request, deadlineMs, settings, assignment);
    await clock.advance(forMs);
    return running;
  };
  return { clock, assignment, sentAt, timesLeft, aborted, settings, run };
}

function play(script: Exclude<Script, 'hang'>, sink: BackendSink): void {
  if (typeof script === 'number') {
    sink.head({ status: script, reason: null, headers: [] });
    sink.data(Buffer.from('body'));
    sink.end(null);
  } else sink.failed({ kind: 'unreachable', sent: true, cause: new Error('broken'), ...script });
}

describe('execute', () => {
  it('tells each attempt how long its answer is waited for: less each time as the deadline comes near', async () => {
    const { run, timesLeft } = setup([503]);
    await run(GET, 1_050);
    expect(timesLeft).toEqual(['1', '0.951', '0.752']);
  });

  it('sends once and gives back the answer, a 500 too', async () => {
    const { run, settings } = setup([500]);
    const { verdict, attempts } = await run(GET, 10_000);
    expect(verdict).toMatchObject({ kind: 'answer', answer: { head: { status: 500 } }, healthy: true });
    expect(attempts).toBe(1);
    expect(settings.onAttempt).toHaveBeenCalledWith(0, true, undefined);
  });

  it('repeats a repeatable request with growing waits until it is answered', async () => {
    const { run, sentAt, settings } = setup([{}, {}, 200]);
    const { verdict, attempts } = await run(GET, 10_000);
    expect(verdict.kind).toBe('answer');
    expect(attempts).toBe(3);
    expect(sentAt).toEqual([0, 99, 298]);
    expect(settings.onRetry).toHaveBeenCalledTimes(2);
  });

  it.each<[string, Script, BackendRequest, number]>([
    ['a POST that may have arrived', { sent: true }, POST, 1],
    ['a POST that was never sent', { sent: false }, POST, 3],
    ['a POST with an Idempotency-Key', { sent: true }, { ...POST, repeatable: true }, 3],
    ['a POST that timed out', 'hang', POST, 1],
    ['a GET that timed out', 'hang', GET, 3],
    ['a request that the client refuses', { kind: 'refused', sent: false }, GET, 1],
    ['a retry status for a GET', 503, GET, 3],
    ['a retry status for a POST', 503, POST, 1],
    ['any other status', 502, GET, 1],
  ])('makes the right number of attempts: %s', async (_title, script, request, attempts) => {
    const { run } = setup([script]);
    expect((await run(request, 100_000)).attempts).toBe(attempts);
  });

  it('gives back the last answer of a backend that only has retry statuses, as unhealthy', async () => {
    const { verdict } = await setup([503]).run(GET, 10_000);
    expect(verdict).toMatchObject({ kind: 'answer', answer: { head: { status: 503 } }, healthy: false });
  });

  it.each<[string, Script, string, boolean]>([
    ['unreachable', {}, 'backend_unreachable', false],
    ['timed out', 'hang', 'backend_timeout', false],
    ['refused by the client', { kind: 'refused' }, 'processing_failed', true],
  ])('names the failure: %s', async (_title, script, code, healthy) => {
    const { verdict } = await setup([script]).run(POST, 10_000);
    expect(verdict).toMatchObject({ kind: 'failed', code, healthy });
  });

  it('cuts the attempt at the deadline, aborts it, and blames the backend only for its own time', async () => {
    const { run, aborted, clock } = setup(['hang']);
    const running = run(GET, 400, 400);
    await settled();
    const { verdict, attempts } = await running;
    expect(verdict).toMatchObject({ kind: 'failed', code: 'backend_timeout', healthy: true });
    expect([attempts, clock.now()]).toEqual([1, 400]);
    expect(aborted).toHaveBeenCalledOnce();
  });

  it('answers at once when the next attempt would start past the deadline', async () => {
    const { run, sentAt, clock } = setup([{}]);
    const running = run(GET, 250, 99);
    const { attempts, verdict } = await running.then(async (first) => first);
    expect(verdict).toMatchObject({ kind: 'failed', code: 'backend_unreachable' });
    expect([attempts, sentAt, clock.now()]).toEqual([2, [0, 99], 99]);
  });

  it('refuses a body over the limit without a further attempt', async () => {
    const { run } = setup([200], { maxBodyBytes: 3 });
    expect(await run(GET, 10_000)).toMatchObject({ verdict: { code: 'reply_too_large' }, attempts: 1 });
  });

  it('gives a waiting retry up when the partition is revoked', async () => {
    const { settings, assignment, clock, sentAt } = setup([{}]);
    const running = execute(GET, 10_000, settings, assignment);
    await clock.advance(50);
    assignment.revoke();
    expect((await running).verdict.kind).toBe('abandoned');
    expect(sentAt).toEqual([0]);
    expect(clock.waiting).toBe(0);
  });

  it('leaves a failure after the revoke to the next owner, where there would be a retry', async () => {
    const { settings, assignment } = setup([{}]);
    assignment.revoke();
    expect((await execute(GET, 10_000, settings, assignment)).verdict.kind).toBe('abandoned');
    expect((await execute(POST, 10_000, settings, assignment)).verdict.kind).toBe('failed');
  });

  it('is abandoned when the backends are closed', async () => {
    const { run } = setup([{ kind: 'closed' }]);
    expect((await run(GET, 10_000)).verdict.kind).toBe('abandoned');
  });

  it('takes a token for each retry', async () => {
    const bucket = new TokenBucket(1);
    bucket.take(0);
    const { run, sentAt } = setup([{}], { bucket });
    await run(GET, 10_000);
    expect(sentAt).toEqual([0, 1000, 2000]);
  });

  it('leaves no timer behind', async () => {
    const { run, clock } = setup([{}, 200]);
    await run(GET, 10_000);
    expect(clock.waiting).toBe(0);
  });
});

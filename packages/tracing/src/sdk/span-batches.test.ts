import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endedSpan, HOME } from '../testing/spans.js';
import { batchLimits, SpanBatches } from './span-batches.js';

const ORIGIN = { resource: ['service.name', 'tested'], scope: HOME.scope, schemaUrl: HOME.scope.schemaUrl };

function setUp(limits: Partial<ConstructorParameters<typeof SpanBatches>[2]> = {}) {
  const sent: { spans: number; done: (result: ExportResult) => void }[] = [];
  const lost: string[] = [];
  const name = 'GET /counted';
  const send = (body: Buffer, done: (result: ExportResult) => void) =>
    sent.push({ spans: body.toString('latin1').split(name).length - 1, done });
  const all = { maxQueueSize: 10, maxExportBatchSize: 4, scheduleDelayMs: 1000, exportTimeoutMs: 30_000, ...limits };
  const batches = new SpanBatches(ORIGIN, send, all, (why) => lost.push(why));
  const end = (count: number, facts?: string[]) => {
    for (let i = 0; i < count; i++) batches.onEnd(endedSpan({ name, ...(facts && { facts }) }));
  };
  return { batches, end, sent, lost };
}
const OK = { code: ExportResultCode.SUCCESS };

describe('spans that ended', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('are sent when there are enough of them, the rest after the delay', async () => {
    const { end, sent } = setUp();
    end(4);
    expect(sent.map(({ spans }) => spans)).toEqual([4]);
    sent[0]?.done(OK);
    end(3);
    await vi.advanceTimersByTimeAsync(999);
    expect(sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(sent.map(({ spans }) => spans)).toEqual([4, 3]);
  });

  it('wait while others are sent, and then go together', () => {
    const { end, sent } = setUp();
    end(4);
    end(9);
    expect(sent).toHaveLength(1);
    sent[0]?.done(OK);
    expect(sent.map(({ spans }) => spans)).toEqual([4, 9]);
  });

  it('are dropped beyond the queue, and that is told at once', () => {
    const { end, sent, lost } = setUp();
    end(4);
    end(11);
    expect(lost).toEqual(['more spans than wait at most (OTEL_BSP_MAX_QUEUE_SIZE, or 8 MiB)']);
    sent[0]?.done(OK);
    expect(sent[1]?.spans).toBe(10);
  });

  it('are bounded by their bytes too, whatever clients put into them', () => {
    const { end, sent } = setUp({ maxQueueSize: 1_000_000, maxExportBatchSize: 1_000_000 });
    const facts = ['url.path', 'x'.repeat(60_000)];
    end(100, facts);
    expect(sent).toHaveLength(1);
    end(1000, facts);
    sent[0]?.done(OK);
    expect((sent[1]?.spans ?? 0) * 60_000).toBeLessThan(9 * 1024 * 1024);
  });

  it('go on when a collector never ends its answer, which is told', async () => {
    const { end, sent, lost } = setUp();
    end(4);
    end(5);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(lost).toEqual(['4 spans: not taken in time (OTEL_BSP_EXPORT_TIMEOUT)']);
    expect(sent.map(({ spans }) => spans)).toEqual([4, 5]);
    // It comes at last, and changes nothing: those that are on their way now are another body.
    sent[0]?.done(OK);
    end(4);
    sent[1]?.done(OK);
    expect(sent.map(({ spans }) => spans)).toEqual([4, 5, 4]);
    expect(lost).toHaveLength(1);
  });

  it('that could not be sent are told', () => {
    const { end, sent, lost } = setUp();
    end(4);
    sent[0]?.done({ code: ExportResultCode.FAILED, error: new Error('ECONNREFUSED') });
    expect(lost).toEqual(['4 spans: ECONNREFUSED']);
  });

  it('are sent at the end, behind those that are on their way, and none is taken any more', async () => {
    const { batches, end, sent } = setUp();
    end(4);
    end(2);
    const closed = batches.shutdown();
    end(1);
    sent[0]?.done(OK);
    await vi.waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[1]?.spans).toBe(2);
    sent[1]?.done(OK);
    await closed;
    expect(sent).toHaveLength(2);
  });
});

describe('OTEL_BSP_*', () => {
  it('say how spans are gathered', () => {
    const environment = {
      OTEL_BSP_MAX_QUEUE_SIZE: '100',
      OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '400',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    };
    expect(batchLimits(environment, () => undefined)).toEqual({
      maxQueueSize: 100,
      maxExportBatchSize: 100,
      scheduleDelayMs: 50,
      exportTimeoutMs: 30_000,
    });
  });

  it('that are no numbers are told', () => {
    const warnings: string[] = [];
    const limits = batchLimits({ OTEL_BSP_MAX_QUEUE_SIZE: 'x', OTEL_BSP_SCHEDULE_DELAY: '0' }, (one) =>
      warnings.push(one),
    );
    expect(limits).toEqual({
      maxQueueSize: 8192,
      maxExportBatchSize: 2048,
      scheduleDelayMs: 5000,
      exportTimeoutMs: 30_000,
    });
    expect(warnings).toHaveLength(2);
  });
});

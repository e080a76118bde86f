import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { Span } from '../port/span.js';
import { ExportRequest, type Origin } from '../protobuf/export-request.js';
import type { Environment, Warn } from './environment.js';

/** Takes spans that have ended, and sends them away. */
export interface SpanSink {
  onEnd(span: Span): void;
  /** Sends what is left. */
  shutdown(): Promise<void>;
}

/** Sends the body of one export; `done` is called once, later. */
export type SendBody = (body: Buffer, done: (result: ExportResult) => void) => void;

/** How spans are gathered: the OTEL_BSP_* of the specification. */
export interface BatchLimits {
  /** Spans that wait at most; what comes beyond is dropped, and told. */
  readonly maxQueueSize: number;
  /** So many are sent at once. */
  readonly maxExportBatchSize: number;
  /** Fewer are sent after so long, ms. */
  readonly scheduleDelayMs: number;
  /** So long an export may take, whatever the transport says, ms. */
  readonly exportTimeoutMs: number;
}

/**
 * The limits that OTEL_BSP_* say (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#batch-span-processor).
 * Queue and batch are four times the specification's where these say nothing: a request has seven spans, and an export
 * costs about as much whether it has 500 spans or 2,000.
 */
export function batchLimits(environment: Environment, warn: Warn): BatchLimits {
  const count = (name: string, otherwise: number): number => {
    const text = environment[name]?.trim();
    if (text === undefined || text === '') return otherwise;
    if (/^\d{1,9}$/.test(text) && Number(text) > 0) return Number(text);
    warn(`${name}: a number above 0 was expected, "${text}" was found; ${otherwise} is used`);
    return otherwise;
  };
  const maxQueueSize = count('OTEL_BSP_MAX_QUEUE_SIZE', 8192);
  return {
    maxQueueSize,
    maxExportBatchSize: Math.min(maxQueueSize, count('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 2048)),
    scheduleDelayMs: count('OTEL_BSP_SCHEDULE_DELAY', 5000),
    exportTimeoutMs: count('OTEL_BSP_EXPORT_TIMEOUT', 30_000),
  };
}

/** Texts of strangers are in spans: beyond this nothing waits, however few the spans are, bytes. */
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * A batch span processor over bytes: spans are encoded as they end, and one export is under way at a time. The two
 * bodies, the one that grows and the one that is sent, take turns, so that nothing is copied.
 *
 * @param lost hears of what could not be sent
 */
export class SpanBatches implements SpanSink {
  #growing: ExportRequest;
  #sent: ExportRequest;
  #sending: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(
    private readonly origin: Origin,
    private readonly send: SendBody,
    private readonly limits: BatchLimits,
    private readonly lost: (why: string) => void,
  ) {
    this.#growing = new ExportRequest(origin);
    this.#sent = new ExportRequest(origin);
  }

  onEnd(span: Span): void {
    const growing = this.#growing;
    const { maxQueueSize, maxExportBatchSize, scheduleDelayMs } = this.limits;
    if (this.#closed) return;
    if (growing.count >= maxQueueSize || growing.bytes >= MAX_BYTES) {
      this.lost(`more spans than wait at most (OTEL_BSP_MAX_QUEUE_SIZE, or ${MAX_BYTES / 2 ** 20} MiB)`);
      return;
    }
    growing.add(span);
    if (this.#sending !== null) return;
    if (growing.count >= maxExportBatchSize || growing.bytes >= MAX_BYTES / 2) this.#flush();
    else if (this.#timer === null) this.#timer = setTimeout(() => this.#flush(), scheduleDelayMs).unref();
  }

  async shutdown(): Promise<void> {
    this.#closed = true;
    await this.#sending;
    if (this.#growing.count > 0) this.#flush();
    await this.#sending;
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const request = this.#growing;
    this.#growing = this.#sent;
    this.#sent = request;
    this.#sending = new Promise((resolve) => {
      let over = false;
      const ended = (why: string | null) => {
        if (over) return;
        over = true;
        clearTimeout(late);
        if (why !== null) this.lost(why);
        this.#sending = null;
        resolve();
        if (!this.#closed) this.#next();
      };
      const late = setTimeout(() => {
        // The transport may still hold the bytes: the body is left to it.
        this.#sent = new ExportRequest(this.origin);
        ended(`${request.count} spans: not taken in time (OTEL_BSP_EXPORT_TIMEOUT)`);
      }, this.limits.exportTimeoutMs).unref();
      this.send(request.finish(), ({ code, error }) => {
        if (over) return;
        const why = code === ExportResultCode.SUCCESS ? null : (error?.message ?? 'not taken');
        const told = why === null ? null : `${request.count} spans: ${why}`;
        request.clear();
        ended(told);
      });
    });
  }

  /** What came while the last ones were sent. */
  #next(): void {
    const { count, bytes } = this.#growing;
    const { maxExportBatchSize, scheduleDelayMs } = this.limits;
    if (count >= maxExportBatchSize || bytes >= MAX_BYTES / 2) this.#flush();
    else if (count > 0) this.#timer = setTimeout(() => this.#flush(), scheduleDelayMs).unref();
  }
}

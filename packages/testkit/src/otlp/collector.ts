import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { closeServer, listen } from '../http/http-server.js';
import { decodeSpans } from './decode.js';
import type { ReceivedSpan } from './span.js';
import { treeOf } from './tree.js';

/**
 * What the collector does with a request: takes it (`slow`: and answers late), answers 503, never answers, or resets the
 * connection. What is not taken is not among the spans.
 */
export type CollectorMode = 'taking' | 'slow' | 'refusing' | 'hanging' | 'dropping';

/** A request of a client of the collector. */
export interface CollectorRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** Of the body, as it came. */
  readonly bytes: number;
  /** What came of it; `malformed`: 400, and `fault` says why. */
  readonly outcome: CollectorMode | 'malformed';
  readonly fault: string | null;
  /** Spans in it that were taken. */
  readonly spans: number;
}

export interface CollectorOptions {
  readonly mode?: CollectorMode;
  /** How late `slow` answers, in ms. */
  readonly slowMs?: number;
  /** Where it listens; a free port, when left out. To be the one that was away. */
  readonly port?: number;
}

/** An OTLP/HTTP collector inside of the test's process. */
export interface OtlpCollector {
  /** What OTEL_EXPORTER_OTLP_ENDPOINT is set to. */
  readonly url: string;
  readonly port: number;
  /** What becomes of the requests from now on. */
  mode: CollectorMode;
  /** Each request so far whose body was read. */
  readonly requests: readonly CollectorRequest[];
  /** The spans that were taken, in the order of their arrival. */
  spans(): readonly ReceivedSpan[];
  /** Bodies of `/v1/metrics` and `/v1/logs`, which it takes in JSON only. */
  bodies(signal: 'metrics' | 'logs'): readonly unknown[];
  /**
   * The spans, as soon as they are as wanted; asked anew with each request that arrives.
   *
   * @param what is waited for, as words of the error
   * @throws Error after `timeoutMs`, with the tree of what has arrived and what was malformed
   */
  untilSpans(
    wanted: (spans: readonly ReceivedSpan[]) => boolean,
    what: string,
    timeoutMs?: number,
  ): Promise<readonly ReceivedSpan[]>;
  /** The same for anything that a request brings. */
  until(wanted: () => boolean, what: string, timeoutMs?: number): Promise<void>;
  /** Forgets what it has received. */
  clear(): void;
  close(): Promise<void>;
}

/** Starts a collector on 127.0.0.1 that takes `/v1/traces` in protobuf and JSON, plain or gzipped. */
export async function startOtlpCollector(options: CollectorOptions = {}): Promise<OtlpCollector> {
  const spans: ReceivedSpan[] = [];
  const requests: CollectorRequest[] = [];
  const bodies = { metrics: [] as unknown[], logs: [] as unknown[] };
  const waiting = new Set<() => void>();
  const timers = new Set<NodeJS.Timeout>();

  const server = createServer((request, response) => {
    request.on('error', () => undefined);
    buffer(request).then(
      (body) => handle(request, response, body),
      // The client went away.
      () => response.destroy(),
    );
  });

  const handle = (request: IncomingMessage, response: ServerResponse, body: Buffer) => {
    const { mode } = collector;
    const contentType = request.headers['content-type'] ?? '';
    let fault: string | null = null;
    let taken = 0;
    if (mode === 'taking' || mode === 'slow') {
      try {
        taken = take(request.url ?? '', contentType, unpacked(request, body));
      } catch (error) {
        fault = (error as Error).message;
      }
    }
    const outcome = fault === null ? mode : 'malformed';
    requests.push({
      path: request.url ?? '',
      headers: request.headers,
      bytes: body.length,
      outcome,
      fault,
      spans: taken,
    });
    // Without a field, a message of success is empty in protobuf.
    const success = () => answer(response, 200, contentType, contentType.startsWith('application/json') ? '{}' : '');
    if (outcome === 'malformed') answer(response, 400, 'text/plain', String(fault));
    else if (outcome === 'refusing') answer(response, 503, 'text/plain', 'refused by the test');
    else if (outcome === 'dropping') request.socket.resetAndDestroy();
    else if (outcome === 'slow') timers.add(setTimeout(success, options.slowMs ?? 1000));
    else if (outcome === 'taking') success();
    for (const look of waiting) look();
  };

  /** @returns how many spans there were in it */
  const take = (path: string, contentType: string, body: Buffer): number => {
    if (path === '/v1/traces') {
      const arrived = decodeSpans(contentType, body);
      spans.push(...arrived);
      return arrived.length;
    }
    if (path !== '/v1/metrics' && path !== '/v1/logs') throw new Error(`there is no ${path}`);
    bodies[path === '/v1/logs' ? 'logs' : 'metrics'].push(JSON.parse(body.toString()));
    return 0;
  };

  const port = await listen(server, options.port);
  const collector: OtlpCollector = {
    url: `http://127.0.0.1:${port}`,
    port,
    mode: options.mode ?? 'taking',
    requests,
    spans: () => spans,
    bodies: (signal) => bodies[signal],
    async untilSpans(wanted, what, timeoutMs) {
      await collector.until(() => wanted(spans), what, timeoutMs);
      return spans;
    },
    until(wanted, what, timeoutMs = 20_000) {
      return new Promise((resolve, reject) => {
        const end = (error?: Error) => {
          clearTimeout(timer);
          waiting.delete(look);
          if (error === undefined) resolve();
          else reject(error);
        };
        const look = () => {
          try {
            if (wanted()) end();
          } catch (error) {
            end(error as Error);
          }
        };
        const timer = setTimeout(() => {
          const faults = requests.flatMap(({ path, fault }) => (fault === null ? [] : [`${path}: ${fault}`]));
          const came = [`${requests.length} requests arrived`, ...faults, treeOf(spans, { attributes: 'all' })];
          end(new Error(`${what}: not within ${timeoutMs} ms; ${came.join('\n')}`));
        }, timeoutMs);
        waiting.add(look);
        look();
      });
    },
    clear() {
      for (const list of [spans, requests, bodies.metrics, bodies.logs]) list.length = 0;
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
      return closeServer(server);
    },
  };
  return collector;
}

function unpacked(request: IncomingMessage, body: Buffer): Buffer {
  return request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
}

function answer(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'Content-Type': contentType, ...(status === 503 && { 'Retry-After': '1' }) });
  response.end(body);
}

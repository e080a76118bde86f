import type { IncomingMessage } from 'node:http';
import {
  clientRequestId,
  type ErrorCode,
  headerValue,
  STATUS_OF_CODE,
  shownId,
  traceIdOf,
} from '@kafka-http-proxy/protocol';
import { clientAddress } from '../http/client-address.js';
import type { RefusedHead } from '../http/refused-head.js';
import type { ClosedRequest, Ending } from '../ingress/ending.js';
import type { AccessEntry } from './entry.js';
import { ACCESS_FORMATS } from './formats.js';
import { parseLine } from './text.js';

/** A line of each request that was answered, or that its client left. */
export interface AccessLog {
  ended(ending: Ending, request: ClosedRequest): void;
  /** The client went away before its answer, or in the middle of it. */
  abandoned(request: ClosedRequest): void;
  /** Answered before it was a request. */
  refused(code: ErrorCode, head?: RefusedHead): void;
  /** Writes what waits for the end of this turn. */
  flush(): void;
}

/** What is written, and where to. */
export interface AccessLogOptions {
  readonly format: keyof typeof ACCESS_FORMATS;
  /** Share of what was answered below 400 that is written. */
  readonly sample: number;
  /** True: queries of targets and of Referer too. */
  readonly query: boolean;
  /** Takes lines, each with its end; must not wait. */
  readonly write: (lines: readonly string[]) => void;
  readonly random?: () => number;
}

/** So many lines are written at once; fewer at the end of the turn in which they came. */
const MOST_LINES = 256;

/**
 * @example
 * const access = createAccessLog({ format: 'json', sample: 1, query: false, write: (lines) => output.offer(lines) });
 * access.ended(ending, request);
 */
export function createAccessLog(options: AccessLogOptions): AccessLog {
  const { sample, query, write, random = Math.random } = options;
  const format = ACCESS_FORMATS[options.format];
  /** Why requests broke off that have not ended yet. */
  const broken = new WeakMap<IncomingMessage, ErrorCode>();
  let lines: string[] = [];

  const flush = () => {
    if (lines.length === 0) return;
    const taken = lines;
    lines = [];
    write(taken);
  };
  const put = (entry: AccessEntry) => {
    const failed = entry.status >= 400 || entry.code !== undefined;
    if (!failed && sample < 1 && random() >= sample) return;
    if (lines.length === 0) setImmediate(flush);
    lines.push(format(entry, query));
    if (lines.length >= MOST_LINES) flush();
  };

  return {
    ended: ({ status, error }, request) => put(entryOf(request, status, error?.code)),
    abandoned(request) {
      const code = broken.get(request.request) ?? 'client_gone';
      put(entryOf(request, request.answer.sentStatus ?? STATUS_OF_CODE[code], code));
    },
    refused(code, head) {
      if (head === undefined) return;
      // Its line is written when it ends.
      if (head.broken !== null) broken.set(head.broken, code);
      else put(refusedEntry(code, head));
    },
    flush,
  };
}

function entryOf(closed: ClosedRequest, status: number, code: ErrorCode | undefined): AccessEntry {
  const { request, method, topic, answer, correlationId } = closed;
  const { rawHeaders, url = '', httpVersion, socket } = request;
  const tookMs = closed.elapsedMs();
  const given = clientRequestId(rawHeaders);
  const own = correlationId === undefined ? undefined : shownId(correlationId);
  return {
    atMs: Date.now() - tookMs,
    client: clientAddress(socket),
    principal: closed.principal,
    line: { method, target: url, version: httpVersion },
    status,
    bytes: answer.bytes,
    tookMs,
    topic,
    requestId: own && (given ?? own),
    correlationId: given === null ? undefined : own,
    code: code ?? answer.code ?? undefined,
    queueMs: answer.queueMs,
    backendMs: answer.backendMs,
    traceId: closed.traced?.trace.traceId ?? traceIdOf(headerValue(rawHeaders, 'traceparent') ?? ''),
    referer: headerValue(rawHeaders, 'referer'),
    userAgent: headerValue(rawHeaders, 'user-agent'),
  };
}

function refusedEntry(code: ErrorCode, { socket, line }: RefusedHead): AccessEntry {
  return {
    atMs: Date.now(),
    client: clientAddress(socket),
    principal: null,
    line: parseLine(line),
    status: STATUS_OF_CODE[code],
    // Of an answer that ends its connection nobody hears how much of it left.
    bytes: 0,
    tookMs: 0,
    topic: undefined,
    requestId: undefined,
    correlationId: undefined,
    code,
    queueMs: null,
    backendMs: null,
    traceId: null,
    referer: undefined,
    userAgent: undefined,
  };
}

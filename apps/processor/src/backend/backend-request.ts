import {
  clientRequestId,
  endToEnd,
  type HeaderList,
  headerValue,
  isPlainId,
  isRepeatable,
  LOWER_REQUEST_ID,
  passableTrailers,
  REQUEST_ID_FIELD,
  type RequestEnvelope,
  shownId,
  type TopicConfig,
  type ViaMarks,
} from '@kafka-http-proxy/protocol';
import type { StreamedBody } from './request-body.js';

/** An HTTP request as it goes to the backend; where that is, the configuration alone says. */
export interface BackendRequest {
  readonly method: string;
  /** Request-target: the path of `backend_url` and then the target as received; or `*`. */
  readonly target: string;
  /** Host to send; null: the backend's own. */
  readonly host: string | null;
  /** Flat list without Host and Content-Length, which follow from the other fields. */
  readonly headers: string[];
  /** Null: none. Empty: none, and the client said so with `Content-Length: 0`. */
  readonly body: Buffer | StreamedBody | null;
  /** Trailer fields behind a whole body; null when there are none. */
  readonly trailers: HeaderList | null;
  /** Of fields behind a body, those that may go to the backend: none that the topic or this hop sets. */
  readonly passable: (trailers: HeaderList | null) => HeaderList | null;
  /** `isRepeatable()` of packages/protocol. */
  readonly repeatable: boolean;
}

/** True for a body that comes in while it is sent. */
export function isStreamed(body: BackendRequest['body']): body is StreamedBody {
  return body !== null && !Buffer.isBuffer(body);
}

/** Set here, meant for the hop before, or (X-Kafka-*) for the proxy alone. */
function isOurs(name: string): boolean {
  return (
    name === 'host' ||
    name === 'content-length' ||
    name === 'expect' ||
    name === 'x-original-method' ||
    name.startsWith('x-kafka-')
  );
}

/**
 * Makes the function that turns requests of one topic into requests to its backend.
 *
 * Everything is as the client sent it, in its order, but for hop-by-hop fields; then come the
 * forwarding fields, and last the topic's own.
 *
 * @example
 * const toBackend = backendRequests(topicConfig);
 * backend.send(toBackend(request), sink);
 */
export function backendRequests(
  topic: Pick<TopicConfig, 'request_topic' | 'backend_url' | 'preserve_host' | 'headers'>,
  via: ViaMarks | null = null,
): (request: RequestEnvelope, upload?: StreamedBody | null) => BackendRequest {
  const { pathname } = new URL(topic.backend_url);
  const base = pathname.endsWith('/') ? pathname.slice(0, -1) : pathname;
  const own = endToEnd(Object.entries(topic.headers).flat(), (name) => name === 'content-length' || name === 'expect');
  const ownNames = new Set(own.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase()));
  const ownHost = headerValue(own, 'host') ?? null;
  const added = endToEnd(own, (name) => name === 'host');
  const passable = (trailers: HeaderList | null) =>
    trailers === null ? null : passableTrailers(trailers, (name) => isSetHere(name) || ownNames.has(name));
  const drop = ownNames.size === 0 ? isOurs : (name: string) => isOurs(name) || ownNames.has(name);

  return (request, upload = null) => {
    const clientHost = headerValue(request.headers, 'host');
    const headers = endToEnd(request.headers, drop);
    const set = (name: string, lower: string, value: string) => {
      if (!ownNames.has(lower)) headers.push(name, value);
    };
    // It came as a record, in a version of this project's own protocol.
    if (via !== null) set('Via', 'via', via.of(topic.request_topic, `KHP/${request.version}`));
    forwardedFor(headers, request.client, set);
    if (clientHost !== undefined && headerValue(headers, 'x-forwarded-host') === undefined) {
      set('X-Forwarded-Host', 'x-forwarded-host', clientHost);
    }
    if (headerValue(headers, 'x-forwarded-proto') === undefined) set('X-Forwarded-Proto', 'x-forwarded-proto', 'http');
    requestId(headers, request.correlationId, set);
    set('X-Original-Method', 'x-original-method', request.method);
    if (request.trace !== null && headerValue(headers, 'traceparent') === undefined) {
      set('traceparent', 'traceparent', request.trace.traceparent);
      if (request.trace.tracestate !== undefined) set('tracestate', 'tracestate', request.trace.tracestate);
    }
    for (const text of added) headers.push(text);
    return {
      method: request.method,
      target: request.target === '*' ? '*' : base + request.target,
      host: ownHost ?? (topic.preserve_host ? (clientHost ?? null) : null),
      headers,
      body: upload ?? request.body ?? (saysEmpty(request.headers) ? EMPTY : null),
      trailers: passable(request.trailers),
      passable,
      repeatable: isRepeatable(request),
    };
  };
}

const EMPTY = Buffer.alloc(0);

/** The Kafka client writes an empty value as none: that there is a body, of no bytes, is seen by its Content-Length. */
function saysEmpty(headers: HeaderList): boolean {
  return /^0+$/.test(headerValue(headers, 'content-length') ?? '');
}

/**
 * What is said of a request here, or before its body: who merges trailers into the head (RFC 9110 §6.5.1) would take a
 * stranger's for ours.
 */
function isSetHere(lowerName: string): boolean {
  return SET_HERE.has(lowerName) || lowerName.startsWith('x-forwarded-');
}

const SET_HERE: ReadonlySet<string> = new Set([
  'forwarded',
  'idempotency-key',
  'traceparent',
  'tracestate',
  'via',
  'x-original-method',
  'x-real-ip',
  'x-request-id',
]);

type SetHeader = (name: string, lower: string, value: string) => void;

/** Appends the client to the last X-Forwarded-For line, or starts one. */
function forwardedFor(headers: string[], client: string | null, set: SetHeader): void {
  if (client === null || !isPlainId(client)) return;
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    if ((headers[i] as string).toLowerCase() !== 'x-forwarded-for') continue;
    const before = headers[i + 1] as string;
    headers[i + 1] = before === '' ? client : `${before}, ${client}`;
    return;
  }
  set('X-Forwarded-For', 'x-forwarded-for', client);
}

/** Keeps a sane X-Request-ID: 1 to 128 visible ASCII characters, once. Anything else gives way to the correlation id. */
function requestId(headers: string[], correlationId: string, set: SetHeader): void {
  const sane = clientRequestId(headers) !== null;
  let isFirst = true;
  for (let i = 0; i < headers.length; i += 2) {
    if (!isRequestId(headers[i] as string)) continue;
    if (!(sane && isFirst)) {
      headers.splice(i, 2);
      i -= 2;
    }
    isFirst = false;
  }
  if (!sane) set(REQUEST_ID_FIELD, LOWER_REQUEST_ID, shownId(correlationId));
}

function isRequestId(name: string): boolean {
  return name.length === LOWER_REQUEST_ID.length && name.toLowerCase() === LOWER_REQUEST_ID;
}

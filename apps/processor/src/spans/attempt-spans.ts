import type { HeaderList } from '@kafka-http-proxy/protocol';
import { bareHost, contextOf, KIND, methodFacts, methodName, type Span, shortText } from '@kafka-http-proxy/tracing';
import type { Sampled } from './traced-run.js';

/** Where a backend is, as attributes have it. */
export interface BackendPlace {
  /** `http://host:port`, without user. */
  readonly origin: string;
  readonly address: string;
  readonly port: number;
}

/** The place of a `backend_url`. */
export function placeOf(backendUrl: string): BackendPlace {
  const { origin, hostname, port, protocol } = new URL(backendUrl);
  return { origin, address: bareHost(hostname), port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port) };
}

/** The spans of the attempts of one request (HTTP client spans 1.44.0, stable). */
export class AttemptSpans {
  constructor(
    private readonly sampled: Sampled,
    private readonly place: BackendPlace,
  ) {}

  get traceId(): string {
    return this.sampled.trace.traceId;
  }

  begin(method: string): Span {
    const { tracing, trace, process } = this.sampled;
    return tracing.begin(trace, process.spanId, KIND.client, methodName(method));
  }

  /**
   * The header fields of an attempt: its own span is the parent of what the backend does. Only a `traceparent` that is
   * ours is changed, and nothing else.
   */
  headers(headers: HeaderList, span: Span): string[] {
    const { trace, process } = this.sampled;
    const ours = contextOf(trace, process.spanId).traceparent;
    const copy = [...headers];
    for (let i = 0; i < copy.length; i += 2) {
      if (copy[i] === 'traceparent' && copy[i + 1] === ours) copy[i + 1] = contextOf(trace, span.spanId).traceparent;
    }
    return copy;
  }

  /**
   * @param nth counted from 1
   * @param status null where there was no answer
   * @param why there was none
   */
  end(span: Span, request: { method: string; target: string }, nth: number, status: number | null, why: string | null) {
    const { origin, address, port } = this.place;
    const { method, target } = request;
    const queryAt = target.indexOf('?');
    const facts: (string | number)[] = [
      ...methodFacts(method),
      'server.address',
      address,
      'server.port',
      port,
      'url.full',
      // Secrets of clients are in queries, if anywhere.
      shortText(origin + (target === '*' ? '/*' : queryAt < 0 ? target : target.slice(0, queryAt))),
    ];
    if (nth > 1) facts.push('http.request.resend_count', nth - 1);
    if (status !== null) facts.push('http.response.status_code', status);
    const error = why ?? (status !== null && status >= 400 ? String(status) : null);
    if (error !== null) facts.push('error.type', error);
    span.facts = facts;
    span.failed = error !== null;
    this.sampled.tracing.end(span);
  }
}

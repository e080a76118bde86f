import type { HeaderList, ReplyEnvelope } from '@kafka-http-proxy/protocol';

/** What of a request decides what its browser is told. */
export interface AskedFor {
  readonly method: string;
  /** As received. */
  readonly target: string;
  readonly headers: HeaderList;
}

/** What browsers are told with problems, so that the page that asked may read them (https://fetch.spec.whatwg.org/#http-cors-protocol). */
export interface Browsers {
  /** Fields of a problem, or of what takes its place; empty: none. */
  problem(request: AskedFor): HeaderList;
  /** True for a preflight that is granted in the place of its problem: its request will get one that can be read. */
  grants(request: AskedFor): boolean;
}

/** What grants a preflight, but for the fields that do. */
export function noContent(correlationId: string): ReplyEnvelope {
  return {
    version: 2,
    correlationId,
    status: 204,
    reason: null,
    headers: [],
    error: null,
    tookMs: null,
    body: null,
    trailers: null,
    sequence: null,
  };
}

import type { HeaderList } from '@kafka-http-proxy/protocol';

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

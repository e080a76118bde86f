import type { IncomingMessage } from 'node:http';
import { headerValue, type ProxyConfig, type TraceContext } from '@kafka-http-proxy/protocol';
import { bareHost, KIND, methodFacts, methodName, shortText, type Tracing } from '@kafka-http-proxy/tracing';
import type { TracedRequest } from '../exchange/exchange-spans.js';
import { clientAddress, schemeOf } from '../http/client-address.js';
import type { ClosedRequest, Ending } from './ending.js';

/** Traces of the requests that come in. */
export interface ServerSpans {
  /**
   * Decides about a request whose head was read.
   *
   * @param elapsedMs since that head was there
   */
  begin(method: string, incoming: TraceContext | null, elapsedMs: number): TracedRequest;
  /** Its response has closed. @param ending null: the client went away before its answer */
  end(traced: TracedRequest, request: ClosedRequest, ending: Ending | null, route: string | null): void;
}

/** What of the configuration they go by; asked for each request. */
export interface ServerSpanOptions {
  readonly tracing: Tracing;
  /** `client.id` of our Kafka clients. */
  readonly clientId: string;
  readonly config: () => ProxyConfig['tracing'];
}

/**
 * Makes the SERVER span of each sampled request (HTTP spans 1.44.0, stable:
 * https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server). Its route is the prefix of a configured
 * route: a path of a client's choice would make as many names as there are paths.
 *
 * @example
 * const spans = createServerSpans({ tracing, clientId: 'kafka-proxy-0', config: () => config.tracing });
 * const traced = spans.begin('GET', head.trace, 0.2);
 */
export function createServerSpans({ tracing, clientId, config }: ServerSpanOptions): ServerSpans {
  return {
    begin(method, incoming, elapsedMs) {
      const trace = tracing.decide(incoming, config().trust_incoming);
      if (!trace.sampled) return { tracing, trace, server: null, clientId };
      const startMs = tracing.now() - elapsedMs;
      const server = tracing.begin(trace, trace.parentId, KIND.server, methodName(method), startMs);
      if (trace.link !== null) server.linkTo(trace.link);
      return { tracing, trace, server, clientId };
    },
    end({ server }, closed, ending, route) {
      if (server === null) return;
      if (route !== null) server.name = `${server.name} ${route}`;
      const status = ending === null ? closed.answer.sentStatus : ending.status;
      const code = ending === null ? 'client_gone' : (ending.error?.code ?? closed.answer.code ?? null);
      server.facts = factsOf(closed, { route, status, code, query: config().url_query });
      // The client's own going away is no failure of ours, nor is what it did wrong (statuses below 500).
      const brokenOff = ending?.cut !== undefined && code !== 'client_gone';
      server.failed = brokenOff || (status !== null && status >= 500);
      tracing.end(server);
    },
  };
}

interface Outcome {
  readonly route: string | null;
  readonly status: number | null;
  readonly code: string | null;
  /** Whether the query may be said. */
  readonly query: boolean;
}

function factsOf({ request, method, answer }: ClosedRequest, { route, status, code, query }: Outcome) {
  const { url = '', httpVersion, rawHeaders, socket } = request;
  const queryAt = url.indexOf('?');
  const facts: (string | number)[] = [
    ...methodFacts(method),
    'url.scheme',
    schemeOf(socket),
    'url.path',
    shortText(queryAt < 0 ? url : url.slice(0, queryAt)),
    'network.protocol.version',
    httpVersion,
    'http.response.body.size',
    answer.bytes,
  ];
  if (query && queryAt >= 0) facts.push('url.query', shortText(url.slice(queryAt + 1)));
  if (route !== null) facts.push('http.route', route);
  const client = clientAddress(socket);
  if (client !== null) facts.push('client.address', client);
  const userAgent = headerValue(rawHeaders, 'user-agent');
  if (userAgent !== undefined) facts.push('user_agent.original', shortText(userAgent));
  addServer(facts, request);
  if (status !== null) facts.push('http.response.status_code', status);
  if (code !== null) facts.push('error.type', code);
  else if (status !== null && status >= 500) facts.push('error.type', String(status));
  return facts;
}

/** Whom the client took us for. */
function addServer(facts: (string | number)[], { rawHeaders }: IncomingMessage): void {
  const host = headerValue(rawHeaders, 'host');
  if (host === undefined) return;
  const colon = host.lastIndexOf(':');
  const port = colon < 0 || host.endsWith(']') ? Number.NaN : Number(host.slice(colon + 1));
  const named = port > 0 && port < 65_536;
  facts.push('server.address', shortText(bareHost(named ? host.slice(0, colon) : host)));
  if (named) facts.push('server.port', port);
}

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type RawResponse, rawExchange, requestBytes } from '../http/raw-http.js';
import { type Answer, type Received, type ScriptedBackend, startBackend } from '../http/scripted-backend.js';
import { type OtlpCollector, startOtlpCollector } from '../otlp/collector.js';
import { type Bridge, startBridge } from '../services/bridge.js';

/*
 * The same bytes through a bridge that traces nothing and through one that records all: backend and client get the same
 * of both, but for the context itself.
 */

let collector: OtlpCollector;
let backend: ScriptedBackend;
let off: Bridge;
let on: Bridge;

beforeAll(async () => {
  collector = await startOtlpCollector();
  backend = await startBackend();
  const common = { broker: inject('broker'), backendUrl: backend.url, both: { VIA: 'same' } };
  const traced = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '50' };
  [off, on] = await Promise.all([startBridge(common), startBridge({ ...common, both: { ...common.both, ...traced } })]);
});
afterAll(async () => {
  await Promise.all([off?.close(), on?.close()]);
  await backend?.close();
  await collector?.close();
});

/** What differs from request to request, whatever is traced. */
const VARYING = /^(x-request-id|x-kafka-time-left|date|x-forwarded-host|host)$/i;
const CONTEXT = /^(traceparent|tracestate)$/i;

interface Seen {
  readonly backend: Omit<Received, 'rawHeaders'> & { readonly fields: readonly string[] };
  readonly client: Omit<RawResponse, 'headerLines'> & { readonly fields: readonly string[] };
}

async function through(bridge: Bridge, request: Buffer): Promise<Seen> {
  const { headerLines, ...client } = await rawExchange(bridge.proxies[0]?.port as number, request);
  const { rawHeaders, ...received } = backend.received.at(-1) as Received;
  const fields = rawHeaders.flatMap((name, i) => (i % 2 ? [] : [masked(name, rawHeaders[i + 1] as string)]));
  return {
    backend: { ...received, fields },
    client: { ...client, fields: headerLines.map(maskedLine) },
  };
}

function masked(name: string, value: string): string {
  return VARYING.test(name) ? `${name}: *` : `${name}: ${value.replaceAll(/kafka-(proxy|processor)-[\w-]+/g, 'us')}`;
}

function maskedLine(line: string): string {
  const [, name = line, value = ''] = /^(.*?): ?(.*)$/s.exec(line) ?? [];
  return masked(name, value);
}

const withoutContext = (fields: readonly string[]) => fields.filter((line) => !CONTEXT.test(line.split(':')[0] ?? ''));

const gone: Answer = (_request, response) => void response.writeHead(204, ['X-B', '2', 'x-a', '1']).end();
const notModified: Answer = (_request, response) => void response.writeHead(304, ['ETag', '"a: b"']).end();
const odd: Answer = (_request, response) => {
  response.sendDate = false;
  response.writeHead(299, 'Very \xe9', [
    'Set-Cookie',
    'a=1',
    'X-One',
    '\xe9\xff',
    'set-cookie',
    'b=2',
    'Content-Length',
    '2',
  ]);
  response.end('ok');
};
const streamed: Answer = (request, response) => {
  response.writeHead(200, ['Content-Type', 'text/event-stream', 'Trailer', 'X-End']);
  for (const byte of request.body) response.write(Buffer.from([byte]));
  response.addTrailers([['X-End', 'yes']]);
  response.end();
};
const lines = Array.from({ length: 100 }, (_, i) => `${i % 2 ? 'X-RepeaT' : `x-${i}`}: v${i} \xe9\xff`);
const ours = ['traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', 'tracestate: a=1'];

describe('traced as not traced', () => {
  it.each<[string, Buffer, Answer | null]>([
    [
      'a body of 300,000 random bytes',
      requestBytes('POST', '/a//b/../c%2F?x=1&x=2&&y', [], randomBytes(300_000)),
      null,
    ],
    ['a hundred odd lines', requestBytes('GET', '/', lines), null],
    ['an answer with odd lines', requestBytes('GET', '/'), odd],
    ['an answer without a body', requestBytes('DELETE', '/x'), gone],
    ['an answer that was not modified', requestBytes('GET', '/x'), notModified],
    ['HEAD', requestBytes('HEAD', '/'), odd],
    ['a stream with trailers', requestBytes('POST', '/s', [], Buffer.from('hello')), streamed],
    ['a client with a context', requestBytes('GET', '/', [...ours, 'X-After: 1']), null],
    ['a method that nobody knows', requestBytes('BREW', '/pot', [], Buffer.from('x')), null],
  ])('is %s', async (_what, request, answer) => {
    const echo = backend.answer;
    if (answer !== null) backend.answer = answer;
    try {
      const plain = await through(off, request);
      const traced = await through(on, request);
      expect(traced.client.statusLine).toBe(plain.client.statusLine);
      expect(traced.client.fields).toEqual(plain.client.fields);
      expect(traced.client.body.equals(plain.client.body)).toBe(true);
      expect(traced.backend.target).toBe(plain.backend.target);
      expect(traced.backend.method).toBe(plain.backend.method);
      expect(traced.backend.body.equals(plain.backend.body)).toBe(true);
      expect(withoutContext(traced.backend.fields)).toEqual(withoutContext(plain.backend.fields));
      expect(traced.backend.fields.some((line) => line.startsWith('traceparent: '))).toBe(true);
      // Where the client sent one, its place is the same too.
      const places = ({ backend: { fields } }: Seen) => fields.findIndex((line) => line.startsWith('traceparent: '));
      if (places(plain) >= 0) expect(places(traced)).toBe(places(plain));
    } finally {
      backend.answer = echo;
    }
  });

  it('was recorded', async () => {
    await collector.untilSpans((spans) => spans.filter(({ kind }) => kind === 'CLIENT').length >= 9, 'all of them');
  });
});

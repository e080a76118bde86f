import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, inject, it } from 'vitest';
import { rawExchange, requestBytes } from '../http/raw-http.js';
import { echo } from '../http/scripted-backend.js';
import { inPieces, openExchange } from '../http/stream-client.js';
import { readUntil } from '../kafka/probe.js';
import { treeOf } from '../otlp/tree.js';
import { brokerEnv } from '../services/bridge.js';
import { repositoryPath } from '../services/service-process.js';
import { has, ROUND_TRIP, useTracedBridge } from './traced-stage.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CONTEXT = `traceparent: 00-${TRACE}-00f067aa0ba902b7-01`;
const broker = inject('broker');
const stage = useTracedBridge({ topicKeys: { circuit_breaker: false, max_retries: 1 } });

function tree(attributes: readonly string[] = []): string {
  const { requestTopic, responseTopic } = stage.bridge;
  const text = treeOf(stage.collector.spans(), { attributes });
  return text.replaceAll(requestTopic, 'requests').replaceAll(responseTopic, 'responses');
}

it('a reply that streams has events, its bytes, and one send span, however many records it has', async () => {
  stage.backend.answer = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    let left = 5;
    const next = () => (left-- > 0 ? response.write('data: x\n\n', () => setTimeout(next, 30)) : response.end());
    next();
  };
  const { body } = await rawExchange(stage.port, requestBytes('GET', '/events'));
  stage.backend.answer = echo;
  expect(String(body).match(/data: x/g)).toHaveLength(5);
  await stage.collector.untilSpans(has('SERVER GET', 'CLIENT GET', ...ROUND_TRIP), 'the seven spans');
  expect(tree(['khp.stream.bytes', 'http.response.body.size'])).toBe(
    [
      'SERVER GET @kafka-http-proxy-proxy {http.response.body.size=45}',
      '  * first_record',
      '  PRODUCER send requests',
      '    INTERNAL queue requests @kafka-http-proxy-processor',
      '    CONSUMER process requests @kafka-http-proxy-processor {khp.stream.bytes=45}',
      '      * first_record',
      '      -> send requests',
      '      CLIENT GET',
      '      PRODUCER send responses',
      '  CONSUMER process responses',
      '    -> send responses',
    ].join('\n'),
  );
  // As long as the stream is: five times 30 ms.
  const longMs = ({ startNs, endNs }: { startNs: bigint; endNs: bigint }) => Number(endNs - startNs) / 1e6;
  const spans = stage.collector.spans();
  for (const name of ['GET', `process ${stage.bridge.requestTopic}`]) {
    const span = spans.find((one) => one.name === name && one.kind !== 'CLIENT');
    expect(longMs(span as never), name).toBeGreaterThan(100);
  }
});

it('an upload of several records has the spans of a request', async () => {
  const exchange = openExchange(stage.port, 'POST', '/upload');
  inPieces(Buffer.alloc(3_000_000, 'x')).pipe(exchange.request);
  const response = await exchange.response;
  let bytes = 0;
  for await (const chunk of response) bytes += (chunk as Buffer).length;
  expect(bytes).toBe(3_000_000);
  const spans = await stage.collector.untilSpans(has('SERVER POST', 'CLIENT POST', ...ROUND_TRIP), 'the seven spans');
  expect(spans).toHaveLength(7);
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
});

it('a request that expired before it was taken up has no attempt, and says so', async () => {
  const { bridge } = stage;
  await bridge.processor.stop();
  const { statusLine } = await rawExchange(stage.port, requestBytes('GET', '/late', ['X-Kafka-Timeout: 0.3', CONTEXT]));
  expect(statusLine).toContain('504');
  await stage.collector.untilSpans(has('SERVER GET', 'PRODUCER send'), 'those of the proxy');
  await bridge.startProcessor();
  const all = has('SERVER GET', 'PRODUCER send', 'INTERNAL queue', 'CONSUMER process');
  await stage.collector.untilSpans((spans) => all(spans), 'those of the processor');
  const text = tree(['error.type']);
  expect(text).toContain('CONSUMER process requests @kafka-http-proxy-processor ERROR {error.type=timeout}');
  expect(text).toContain('* expired');
  expect(text).not.toContain('CLIENT');
});

it('a dead letter knows the trace, and its replay is a trace of its own, linked to it', async () => {
  const { bridge, backend, collector } = stage;
  backend.answer = (_request, _response, incoming) => incoming.socket.destroy();
  await rawExchange(stage.port, requestBytes('POST', '/dead', [CONTEXT], Buffer.from('x')));
  backend.answer = echo;
  const isOurs = ({ headers }: { headers: readonly Readonly<Record<string, unknown>>[] }) =>
    headers.some((header) => String(header['khp-error'] ?? '').includes(`"trace":"${TRACE}"`));
  const letters = await readUntil(broker, bridge.deadLetterTopic, (records) => records.some(isOurs));
  expect(letters.some(isOurs)).toBe(true);
  await collector.untilSpans(has('SERVER POST', 'PRODUCER send', 'PRODUCER send', 'PRODUCER send'), 'the dead letter');
  const first = collector.spans().find(({ name }) => name === `send ${bridge.requestTopic}`);
  collector.clear();
  const words = ['dlq', 'replay', '--yes', '--allow-repeat'];
  const child = spawn(process.execPath, [repositoryPath('apps/cli/bin/kafka-http-proxy.js'), ...words], {
    env: {
      PATH: process.env.PATH,
      ...brokerEnv(broker),
      DEAD_LETTER_TOPIC: bridge.deadLetterTopic,
      CONTROL_TOPIC: bridge.controlTopic,
      DEFAULT_REQUEST_TOPIC: bridge.requestTopic,
      DEFAULT_RESPONSE_TOPIC: bridge.responseTopic,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'exit')) as [number];
  expect(code, said).toBe(0);
  const spans = await collector.untilSpans(has('CONSUMER process', 'CLIENT POST'), 'those of the replay');
  const replayed = spans.find(({ links }) => links.some(({ spanId }) => spanId === first?.spanId));
  expect(replayed?.links.map(({ traceId }) => traceId)).toEqual([TRACE]);
  expect(replayed?.traceId).not.toBe(TRACE);
});

it('a client that is not trusted begins nothing: its context is linked', async () => {
  const proxy = await stage.bridge.startProxy({ TRACING_TRUST_INCOMING: 'false', TRACING_URL_QUERY: 'true' });
  await rawExchange(proxy.port as number, requestBytes('GET', '/a?b=c', [CONTEXT]));
  const spans = await stage.collector.untilSpans(has('SERVER GET', 'CLIENT GET', ...ROUND_TRIP), 'the seven spans');
  const server = spans.find(({ kind }) => kind === 'SERVER');
  expect(server).toMatchObject({ parentId: '', links: [{ traceId: TRACE }], attributes: { 'url.query': 'b=c' } });
  expect(server?.traceId).not.toBe(TRACE);
});

it('what the sampler leaves out is not recorded by either tier, and the backend has its trace id', async () => {
  const proxy = await stage.bridge.startProxy({ OTEL_TRACES_SAMPLER: 'always_off' });
  await rawExchange(proxy.port as number, requestBytes('GET', '/'));
  expect(stage.atBackend('traceparent')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  const left = stage.atBackend('traceparent')?.slice(3, 35);
  await rawExchange(stage.port, requestBytes('HEAD', '/'));
  const spans = await stage.collector.untilSpans(has('SERVER HEAD', 'CLIENT HEAD', ...ROUND_TRIP), 'a later one');
  expect(spans.filter(({ traceId }) => traceId === left)).toEqual([]);
});

it('a configured route names its spans by its prefix', async () => {
  const { requestTopic, startProxy } = stage.bridge;
  const proxy = await startProxy({ ROUTES: JSON.stringify([{ path: '/orders', request_topic: requestTopic }]) });
  await rawExchange(proxy.port as number, requestBytes('GET', '/orders/42'));
  const spans = await stage.collector.untilSpans(has('SERVER GET', 'CLIENT GET', ...ROUND_TRIP), 'the seven spans');
  const server = spans.find(({ kind }) => kind === 'SERVER');
  expect(server).toMatchObject({
    name: 'GET /orders',
    attributes: { 'http.route': '/orders', 'url.path': '/orders/42' },
  });
});

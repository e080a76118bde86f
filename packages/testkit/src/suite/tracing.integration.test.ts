import { describe, expect, it } from 'vitest';
import { rawExchange, requestBytes } from '../http/raw-http.js';
import { echo } from '../http/scripted-backend.js';
import { treeOf } from '../otlp/tree.js';
import { has, ROUND_TRIP, useTracedBridge } from './traced-stage.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const MESSAGING = ['messaging.system', 'messaging.operation.name', 'messaging.operation.type'];

const stage = useTracedBridge({
  topicKeys: { circuit_breaker: false, max_retries: 3, retry_statuses: [503] },
});
/** Topics have names of their own in each run. */
function tree(attributes: readonly string[] | 'all' = []): string {
  const { requestTopic, responseTopic, deadLetterTopic } = stage.bridge;
  return treeOf(stage.collector.spans(), { attributes })
    .replaceAll(requestTopic, 'requests')
    .replaceAll(responseTopic, 'responses')
    .replaceAll(deadLetterTopic, 'failed');
}

describe('one request over two processes', () => {
  it('is one trace: its spans have the kinds, parents, links and attributes of the conventions', async () => {
    await rawExchange(stage.port, requestBytes('POST', '/a/b?secret=1', ['User-Agent: test'], Buffer.from('hello')));
    await stage.collector.untilSpans(has('SERVER POST', 'CLIENT POST', ...ROUND_TRIP), 'the seven spans');
    const names = [
      'http.request.method',
      'url.path',
      'url.query',
      'http.route',
      'http.response.status_code',
      ...MESSAGING,
    ];
    expect(tree(names)).toBe(
      [
        'SERVER POST @kafka-http-proxy-proxy {http.request.method=POST, url.path=/a/b, http.response.status_code=200}',
        '  PRODUCER send requests {messaging.system=kafka, messaging.operation.name=send, messaging.operation.type=send}',
        '    INTERNAL queue requests @kafka-http-proxy-processor',
        '    CONSUMER process requests @kafka-http-proxy-processor {messaging.system=kafka, messaging.operation.name=process, messaging.operation.type=process}',
        '      -> send requests',
        '      CLIENT POST {http.request.method=POST, http.response.status_code=200}',
        '      PRODUCER send responses {messaging.system=kafka, messaging.operation.name=send, messaging.operation.type=send}',
        '  CONSUMER process responses {messaging.system=kafka, messaging.operation.name=process, messaging.operation.type=process}',
        '    -> send responses',
      ].join('\n'),
    );
    const spans = stage.collector.spans();
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    const send = spans.find(({ name }) => name === `send ${stage.bridge.requestTopic}`);
    expect(send?.attributes).toMatchObject({
      'messaging.destination.name': stage.bridge.requestTopic,
      'messaging.destination.partition.id': expect.stringMatching(/^\d+$/),
      'messaging.kafka.offset': expect.any(Number),
      'messaging.message.body.size': 5,
      'messaging.message.conversation_id': expect.stringMatching(/^[\w-]{21}$/),
      'messaging.client.id': expect.stringContaining('kafka-proxy-'),
    });
    for (const { startNs, endNs, schemaUrls } of spans) {
      expect(endNs).toBeGreaterThanOrEqual(startNs);
      expect(schemaUrls.scope).toBe('https://opentelemetry.io/schemas/1.44.0');
    }
  });

  it('goes on with the trace of the client, to the backend too, and tracestate with it', async () => {
    const lines = [`traceparent: 00-${TRACE}-${PARENT}-01`, 'tracestate: a=1', 'TraceState: b=2'];
    await rawExchange(stage.port, requestBytes('GET', '/', lines));
    const spans = await stage.collector.untilSpans(has('SERVER GET', 'CLIENT GET', ...ROUND_TRIP), 'the seven spans');
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    expect(spans.find(({ kind }) => kind === 'SERVER')?.parentId).toBe(PARENT);
    const client = spans.find(({ kind }) => kind === 'CLIENT');
    expect(stage.atBackend('traceparent')).toBe(`00-${TRACE}-${client?.spanId}-01`);
    expect(stage.atBackend('tracestate')).toBe('a=1,b=2');
  });

  it('begins a trace where the client’s context is none', async () => {
    await rawExchange(stage.port, requestBytes('GET', '/', [`traceparent: 00-${'0'.repeat(32)}-${PARENT}-01`]));
    const spans = await stage.collector.untilSpans(has('SERVER GET', 'CLIENT GET', ...ROUND_TRIP), 'the seven spans');
    const [server] = spans.filter(({ kind }) => kind === 'SERVER');
    expect(server?.parentId).toBe('');
    expect(stage.atBackend('traceparent')).toContain(`00-${server?.traceId}-`);
  });

  it('that its client does not have sampled has no span, and its trace id reaches the backend', async () => {
    await rawExchange(stage.port, requestBytes('GET', '/', [`traceparent: 00-${TRACE}-${PARENT}-00`]));
    expect(stage.atBackend('traceparent')).toBe(`00-${TRACE}-${PARENT}-00`);
    // Spans of a later one have come by when there are any: those of both would.
    await rawExchange(stage.port, requestBytes('HEAD', '/'));
    const spans = await stage.collector.untilSpans(has('SERVER HEAD', 'CLIENT HEAD', ...ROUND_TRIP), 'a later one');
    expect(spans.filter(({ traceId }) => traceId === TRACE)).toEqual([]);
  });

  it('of a method that nobody knows is called HTTP', async () => {
    await rawExchange(stage.port, requestBytes('BREW', '/'));
    await stage.collector.untilSpans(has('SERVER HTTP', 'CLIENT HTTP', ...ROUND_TRIP), 'the seven spans');
    const [server] = stage.collector.spans().filter(({ kind }) => kind === 'SERVER');
    expect(server?.attributes).toMatchObject({
      'http.request.method': '_OTHER',
      'http.request.method_original': 'BREW',
    });
  });

  it('says what was refused at the door, and that is no error of ours', async () => {
    await rawExchange(stage.port, requestBytes('GET', '/', ['X-Kafka-Timeout: soon']));
    await stage.collector.untilSpans(has('SERVER GET'), 'its span');
    expect(tree(['http.response.status_code', 'error.type'])).toBe(
      'SERVER GET @kafka-http-proxy-proxy {http.response.status_code=400, error.type=bad_request}',
    );
  });
});

it('a retry is two attempts, of which the second says so', async () => {
  let nth = 0;
  stage.backend.answer = (request, response, incoming) => {
    if (nth++ > 0) echo(request, response, incoming);
    else response.writeHead(503, { 'Content-Length': 0 }).end();
  };
  await rawExchange(stage.port, requestBytes('GET', '/twice'));
  await stage.collector.untilSpans(has('SERVER GET', 'CLIENT GET', 'CLIENT GET', ...ROUND_TRIP), 'the eight spans');
  expect(tree(['http.response.status_code', 'http.request.resend_count', 'error.type'])).toContain(
    [
      '      CLIENT GET ERROR {http.response.status_code=503, error.type=503}',
      '      CLIENT GET {http.response.status_code=200, http.request.resend_count=1}',
    ].join('\n'),
  );
});

it('a failure is in the trace, and in the log of the processor by its ids', async () => {
  stage.backend.answer = (_request, _response, incoming) => incoming.socket.destroy();
  const { headerLines } = await rawExchange(
    stage.port,
    requestBytes('POST', '/broken', [`traceparent: 00-${TRACE}-${PARENT}-01`]),
  );
  stage.backend.answer = echo;
  expect(headerLines.length).toBeGreaterThan(0);
  const spans = await stage.collector.untilSpans(
    has('SERVER POST', 'CLIENT POST', 'PRODUCER send', ...ROUND_TRIP),
    'all',
  );
  expect(tree(['error.type'])).toBe(
    [
      'SERVER POST @kafka-http-proxy-proxy (parent elsewhere) ERROR {error.type=backend_unreachable}',
      '  PRODUCER send requests',
      '    INTERNAL queue requests @kafka-http-proxy-processor',
      '    CONSUMER process requests @kafka-http-proxy-processor ERROR {error.type=backend_unreachable}',
      '      -> send requests',
      '      CLIENT POST ERROR {error.type=backend_unreachable}',
      '      PRODUCER send responses',
      '      PRODUCER send failed',
      '  CONSUMER process responses {error.type=backend_unreachable}',
      '    -> send responses',
    ].join('\n'),
  );
  const of = (name: string) => spans.find((span) => span.name === `process ${name}`)?.spanId;
  await expect
    .poll(() => stage.bridge.processor.log.find((line) => line.code === 'backend_unreachable'))
    .toMatchObject({ trace_id: TRACE, span_id: of(stage.bridge.requestTopic), trace_flags: '01' });
});

it('what the proxy itself refuses is in its log by the ids of its span, sampled or not', async () => {
  for (const flags of ['01', '00']) {
    const lines = [`traceparent: 00-${TRACE}-${PARENT}-${flags}`, 'X-Kafka-Timeout: soon'];
    await rawExchange(stage.port, requestBytes('GET', '/refused', lines));
  }
  const log = () =>
    stage.bridge.proxies[0]?.log.filter(({ code, trace_id }) => code === 'bad_request' && trace_id === TRACE);
  await expect.poll(() => log()?.map(({ trace_flags }) => trace_flags)).toEqual(['01', '00']);
  const spans = await stage.collector.untilSpans(has('SERVER GET'), 'its span');
  expect(log()?.map(({ span_id }) => span_id)).toEqual([spans[0]?.spanId, undefined]);
});

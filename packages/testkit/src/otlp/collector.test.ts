import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type OtlpCollector, startOtlpCollector } from './collector.js';
import { traceRequest } from './schema.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const PARENT = '00f067aa0ba902b7';
const START = '1764300000000000001';
const END = '1764300000000000002';

/** One span with all that a span may have; ids as hex, as in JSON. */
const MESSAGE = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
      schemaUrl: 'https://opentelemetry.io/schemas/1.44.0',
      scopeSpans: [
        {
          scope: { name: 'scope', version: '1.2.3' },
          schemaUrl: 'https://opentelemetry.io/schemas/1.43.0',
          spans: [
            {
              traceId: TRACE,
              spanId: SPAN,
              parentSpanId: PARENT,
              traceState: 'vendor=1',
              flags: 0x101,
              name: 'send orders',
              kind: 4,
              startTimeUnixNano: START,
              endTimeUnixNano: END,
              attributes: [
                { key: 'text', value: { stringValue: 'é' } },
                { key: 'no', value: { boolValue: false } },
                { key: 'count', value: { intValue: '-7' } },
                { key: 'share', value: { doubleValue: 0.5 } },
                { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }, { intValue: '1' }] } } },
                { key: 'map', value: { kvlistValue: { values: [{ key: 'a', value: { boolValue: true } }] } } },
                { key: 'bytes', value: { bytesValue: 'AAEC' } },
                { key: 'nothing', value: {} },
              ],
              events: [{ timeUnixNano: END, name: 'held', attributes: [{ key: 'why', value: { stringValue: 'w' } }] }],
              links: [{ traceId: TRACE, spanId: PARENT, traceState: 'l=1', attributes: [] }],
              status: { message: 'broken', code: 2 },
            },
          ],
        },
      ],
    },
  ],
};

const RECEIVED = {
  traceId: TRACE,
  spanId: SPAN,
  parentId: PARENT,
  traceState: 'vendor=1',
  flags: 0x101,
  name: 'send orders',
  kind: 'PRODUCER',
  startNs: BigInt(START),
  endNs: BigInt(END),
  attributes: {
    text: 'é',
    no: false,
    count: -7,
    share: 0.5,
    list: ['a', 1],
    map: { a: true },
    bytes: 'AAEC',
    nothing: null,
  },
  events: [{ name: 'held', timeNs: BigInt(END), attributes: { why: 'w' } }],
  links: [{ traceId: TRACE, spanId: PARENT, traceState: 'l=1', attributes: {} }],
  status: { code: 'ERROR', message: 'broken' },
  resource: { 'service.name': 'shop' },
  scope: { name: 'scope', version: '1.2.3' },
  schemaUrls: {
    resource: 'https://opentelemetry.io/schemas/1.44.0',
    scope: 'https://opentelemetry.io/schemas/1.43.0',
  },
};

const JSON_TYPE = 'application/json';
const PROTO_TYPE = 'application/x-protobuf';

/** The same message with one field of its span as wanted. */
function spanWith(fields: object): string {
  const [resource] = MESSAGE.resourceSpans;
  const [scope] = resource?.scopeSpans ?? [];
  const span = { ...scope?.spans[0], ...fields };
  return JSON.stringify({ resourceSpans: [{ ...resource, scopeSpans: [{ ...scope, spans: [span] }] }] });
}

/** Protobuf has ids as bytes, where the JSON of this library wants base64. */
function encoded(): Buffer {
  const inBase64 = JSON.parse(JSON.stringify(MESSAGE), (name, value: unknown) =>
    name.endsWith('Id') ? Buffer.from(value as string, 'hex').toString('base64') : value,
  ) as object;
  return Buffer.from(traceRequest.encode(traceRequest.fromObject(inBase64)).finish());
}

let collector: OtlpCollector;

beforeEach(async () => {
  collector = await startOtlpCollector({ slowMs: 50 });
});

afterEach(() => collector.close());

function post(body: string | Buffer, contentType: string, path = '/v1/traces', headers = {}): Promise<Response> {
  return fetch(collector.url + path, { method: 'POST', headers: { 'Content-Type': contentType, ...headers }, body });
}

it.each([
  ['JSON', JSON_TYPE, () => JSON.stringify(MESSAGE), '{}'],
  ['protobuf', PROTO_TYPE, encoded, ''],
])('all that a span has is read from %s', async (_, contentType, body, answered) => {
  const response = await post(body(), contentType);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe(contentType);
  expect(await response.text()).toBe(answered);
  expect(collector.spans()).toEqual([RECEIVED]);
});

it('a gzipped body is unpacked, and counted as it came', async () => {
  const body = gzipSync(encoded());
  await post(body, PROTO_TYPE, '/v1/traces', { 'Content-Encoding': 'gzip' });
  expect(collector.spans()).toEqual([RECEIVED]);
  expect(collector.requests).toMatchObject([{ path: '/v1/traces', bytes: body.length, outcome: 'taking', spans: 1 }]);
});

it.each([
  ['a short trace id', { traceId: 'abc' }, /span send orders: its trace id is "abc": expected 32 hex digits/],
  ['an id of zeros', { spanId: '0000000000000000' }, /its id is "0000000000000000": expected 16 hex digits, not all 0/],
  ['no name', { name: '' }, /a span has no name/],
  ['a kind that there is not', { kind: 6 }, /span send orders: 6 is no kind/],
  ['an end before its start', { endTimeUnixNano: '1' }, /it starts at 1764300000000000001 and ends at 1/],
  ['an attribute twice', { attributes: [{ key: 'a' }, { key: 'a' }] }, /attribute a is there twice/],
])('a span with %s is refused, and the reason kept', async (_, fields, why) => {
  const response = await post(spanWith(fields), JSON_TYPE);
  expect(response.status).toBe(400);
  expect(await response.text()).toMatch(why);
  expect(collector.requests).toMatchObject([
    { outcome: 'malformed', fault: expect.stringMatching(why) as string, spans: 0 },
  ]);
  expect(collector.spans()).toEqual([]);
});

it('metrics and logs are kept as they came', async () => {
  await post('{"resourceLogs":[]}', JSON_TYPE, '/v1/logs');
  await post('{"resourceMetrics":[]}', JSON_TYPE, '/v1/metrics');
  expect(collector.bodies('logs')).toEqual([{ resourceLogs: [] }]);
  expect(collector.bodies('metrics')).toEqual([{ resourceMetrics: [] }]);
});

it('who waits for spans gets them when they have arrived', async () => {
  const arrived = collector.untilSpans((spans) => spans.length === 2, 'two spans');
  await post(JSON.stringify(MESSAGE), JSON_TYPE);
  await post(JSON.stringify(MESSAGE), JSON_TYPE);
  expect(await arrived).toHaveLength(2);
});

it('who waits in vain is told what came instead', async () => {
  await post(JSON.stringify(MESSAGE), JSON_TYPE);
  await post('{', JSON_TYPE);
  const waited = collector.untilSpans(() => false, 'the span of a retry', 10);
  await expect(waited).rejects.toThrow(
    /^the span of a retry: not within 10 ms; 2 requests arrived\n\/v1\/traces: .*JSON/,
  );
  await expect(waited).rejects.toThrow(/PRODUCER send orders @shop \(parent elsewhere\) ERROR broken \{.*count=-7/);
});

it('what is refused is answered 503 and not taken', async () => {
  collector.mode = 'refusing';
  const response = await post(JSON.stringify(MESSAGE), JSON_TYPE);
  expect(response.status).toBe(503);
  expect(collector.spans()).toEqual([]);
  expect(collector.requests).toMatchObject([{ outcome: 'refusing', spans: 0 }]);
});

it('a connection is reset where requests are dropped', async () => {
  collector.mode = 'dropping';
  await expect(post(JSON.stringify(MESSAGE), JSON_TYPE)).rejects.toThrow('fetch failed');
  expect(collector.requests).toMatchObject([{ outcome: 'dropping' }]);
});

it('a request that hangs has no answer, and does not keep the collector from closing', async () => {
  collector.mode = 'hanging';
  const hung = request(`${collector.url}/v1/traces`, { method: 'POST', headers: { 'Content-Type': JSON_TYPE } });
  const ended = new Promise<string>((resolve) => {
    hung.once('response', () => resolve('answered'));
    hung.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
  });
  hung.end(JSON.stringify(MESSAGE));
  await collector.until(() => collector.requests.length === 1, 'the request');
  await collector.close();
  expect(await ended).toBe('ECONNRESET');
});

it('a slow collector takes spans before it answers', async () => {
  collector.mode = 'slow';
  const answered = post(JSON.stringify(MESSAGE), JSON_TYPE);
  await collector.untilSpans((spans) => spans.length === 1, 'the span');
  expect((await answered).status).toBe(200);
});

it('a collector can come back where it was', async () => {
  const { port } = collector;
  await collector.close();
  collector = await startOtlpCollector({ port });
  await post(JSON.stringify(MESSAGE), JSON_TYPE);
  expect(collector.spans()).toHaveLength(1);
});

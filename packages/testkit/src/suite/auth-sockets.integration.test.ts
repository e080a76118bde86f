import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { RawClient } from '../http/raw-client.js';
import { parseResponse } from '../http/raw-http.js';
import { type OtlpCollector, startOtlpCollector } from '../otlp/collector.js';
import type { ServiceProcess } from '../services/service-process.js';
import { ask, askWith, codeOf, fieldOf, splitResponses, statusOf, useGuardedBridge } from './auth-stage.js';

const stage = useGuardedBridge({ proxy: { ACCESS_LOG: 'json', AUTH_JWT_CLOCK_SKEW: '0', MAX_BODY_SIZE: '0' } });
let client: RawClient;
beforeEach(async () => {
  client = await RawClient.dial(stage.port);
  return () => client.close();
});

/** The lines of a head. */
const head = (...lines: readonly string[]) =>
  `${['POST /orders HTTP/1.1', 'Host: test', ...lines].join('\r\n')}\r\n\r\n`;
const bearer = (token: string) => `Authorization: Bearer ${token}`;

describe('a body of nobody', () => {
  it.each([
    ['asks whether it may come (Expect)', ['Expect: 100-continue', 'Content-Length: 5']],
    ['is of 10 GB', ['Content-Length: 10000000000']],
    ['is of no length', ['Transfer-Encoding: chunked']],
  ])('that %s is refused before a byte of it is read', async (_, lines) => {
    const before = stage.backend.received.length;
    client.send(head(...lines));
    const answer = parseResponse(await client.until(/\r\n\r\n.*"code"/s));
    expect(answer.statusLine).toBe('HTTP/1.1 401 Unauthorized');
    expect(stage.backend.received.length).toBe(before);
  });

  it.each([
    ['a token that is bad', 'x.y.z'],
    ['an empty one', ''],
  ])('is not asked for with %s', async (_, token) => {
    client.send(head('Expect: 100-continue', 'Content-Length: 5', bearer(token)));
    expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('is asked for with a good token', async () => {
    client.send(head('Expect: 100-continue', 'Content-Length: 5', bearer(await stage.issuer.token())));
    expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 100 /);
    client.send('hello');
    expect(await client.until(/hello$/)).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('is not taken for a token', async () => {
    const body = `access_token=${await stage.issuer.token()}`;
    client.send(`${head('Content-Type: application/x-www-form-urlencoded', `Content-Length: ${body.length}`)}${body}`);
    expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 401 /);
  });

  it('brings no token behind it, in its trailers', async () => {
    const trailer = bearer(await stage.issuer.token());
    client.send(`${head('Transfer-Encoding: chunked', 'Trailer: Authorization')}0\r\n${trailer}\r\n\r\n`);
    expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 401 /);
  });
});

describe('requests behind one another on a socket', () => {
  it('are each judged by their own token, whatever came before', async () => {
    const [alice, bob] = await Promise.all(['alice', 'bob'].map((sub) => stage.issuer.token({ sub })));
    const get = (target: string, ...lines: readonly string[]) =>
      `${[`GET ${target} HTTP/1.1`, 'Host: test', ...lines].join('\r\n')}\r\n\r\n`;
    client.send(
      get('/1', bearer(alice as string)) +
        get('/2') +
        get('/3', bearer(bob as string)) +
        get('/4', bearer('x.y.z')) +
        get('/5', bearer(alice as string), 'Connection: close'),
    );
    const answers = splitResponses(await client.rest());
    expect(answers.map(statusOf)).toEqual([200, 401, 200, 401, 200]);
    const targets = stage.backend.received.slice(-3).map(({ target }) => target);
    expect(new Set(targets)).toEqual(new Set(['/1', '/3', '/5']));
  });
});

describe('a token that is good for a moment', () => {
  it('is refused when that is over, though it was taken before on the same socket', async () => {
    const token = await stage.issuer.token({ exp: Math.floor(Date.now() / 1000) + 3 });
    expect(statusOf(await askWith(stage.port, token))).toBe(200);
    expect(statusOf(await askWith(stage.port, token))).toBe(200);
    const refused = await vi.waitFor(
      async () => {
        const answer = await askWith(stage.port, token);
        expect(statusOf(answer)).toBe(401);
        return answer;
      },
      { timeout: 10_000, interval: 50 },
    );
    expect(fieldOf(refused, 'WWW-Authenticate')).toMatch(/expired/);
  });
});

describe('a token in a query', () => {
  let collector: OtlpCollector;
  let traced: ServiceProcess;
  beforeAll(async () => {
    collector = await startOtlpCollector();
    traced = await stage.bridge.startProxy({
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_BSP_SCHEDULE_DELAY: '50',
      LOG_LEVEL: 'debug',
    });
  });
  afterAll(() => collector?.close());

  it('is none, and stands in no log and no span', async () => {
    const port = traced.port as number;
    const token = await stage.issuer.token();
    const answer = await ask(port, [], `/q?access_token=${token}`);
    expect([statusOf(answer), codeOf(answer)]).toEqual([401, 'unauthenticated']);
    expect(answer.body.toString()).not.toContain(token);
    // The same in the field, so that a whole span and a line of a good request are looked through too.
    expect(statusOf(await ask(port, [bearer(token)], `/q?access_token=${token}`))).toBe(200);
    const lines = () => traced.log.filter(({ msg }) => msg === 'access');
    await vi.waitFor(() => expect(lines().length).toBe(2), { timeout: 10_000 });
    const spans = await collector.untilSpans(
      (found) => found.some(({ kind }) => kind === 'SERVER'),
      'the span of a request',
    );
    expect(lines().map((line) => line['http.response.status_code'])).toEqual([401, 200]);
    expect(inspect([traced.log, spans], { depth: null, maxStringLength: null })).not.toContain(token.slice(0, 40));
  });
});

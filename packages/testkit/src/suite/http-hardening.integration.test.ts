import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ask, Client } from '../hardening/client.js';
import { sent } from '../hardening/mutations.js';
import { startRecordingBackend } from '../hardening/recording-backend.js';
import { readRequests } from '../hardening/reference.js';
import { REPLY_PAYLOADS, type ReplyPayload } from '../hardening/reply-payloads.js';
import { BY_VERSION_OF_NODE, PAYLOADS } from '../hardening/requests/catalogue.js';
import type { Payload } from '../hardening/requests/payload.js';
import { useBridge } from '../services/use-bridge.js';

/** Short enough to be waited for, and far longer than a packet takes. */
const WAIT_SECONDS = 2;

const stage = useBridge({
  backend: startRecordingBackend,
  proxy: { MAX_HEADER_SIZE: '16384', HEADERS_TIMEOUT: String(WAIT_SECONDS), BODY_TIMEOUT: String(WAIT_SECONDS) },
  // One attempt of a second, and nothing that the failures of others would hold up.
  topicExtras: ',1,1',
});

const sorted = (list: readonly string[]) => [...list].sort((a, b) => (a < b ? -1 : 1));

/** All that the backend should have seen by now, in any order. */
const expected: string[] = [];

/** Somebody else is served, and gets what is theirs. */
async function othersAreServed(): Promise<void> {
  const target = `/other/${randomUUID()}`;
  expected.push(`GET ${target}`);
  expect(await ask(stage.port, target)).toBe(`200 GET ${target}`);
}

/** What was seen of the targets of one case. */
const seenOf = (own: string) => sorted(stage.backend.seen.filter((words) => words.includes(own)));

/** All that was accepted has been worked off. */
async function quiet(): Promise<void> {
  await othersAreServed();
  await expect.poll(() => stage.proxy.metric('proxy_pending_requests'), { timeout: 30_000 }).toBe(0);
  await expect.poll(() => stage.bridge.processor.metric('processor_messages_in_flight'), { timeout: 30_000 }).toBe(0);
  await othersAreServed();
}

/** Nothing came to the backend but what is known, and nothing stays behind in the proxy. */
async function nothingElseHappened(): Promise<void> {
  await othersAreServed();
  expect(sorted(stage.backend.seen)).toEqual(sorted(expected));
  expect(stage.backend.faults).toEqual([]);
  for (const metric of ['proxy_pending_requests', 'proxy_memory_reserved_bytes', 'proxy_streams']) {
    await expect.poll(() => stage.proxy.metric(metric), { timeout: 30_000 }).toBe(0);
  }
  expect([stage.proxy.child.exitCode, stage.bridge.processor.child.exitCode]).toEqual([null, null]);
  expect(stage.proxy.log.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
}

describe.each(Object.entries(PAYLOADS))('what a client says of %s', (about, payloads) => {
  it.each(payloads.filter(([name]) => !BY_VERSION_OF_NODE.has(name)))(
    '%s',
    async (name: string, bytes: string, ...outcome) => {
      const [statuses, end, seen] = outcome as unknown as [Payload[2], Payload[3], Payload[4]];
      const own = `/c/${Buffer.from(`${about} ${name}`).toString('hex').slice(0, 40)}-${randomUUID()}`;
      const filled = (text: string) => text.replaceAll('/@', own);
      const client = await Client.dial(stage.port);
      client.send(filled(bytes));
      const responses = await client.responses(statuses.length);
      expect(responses.map(({ status }) => status)).toEqual(statuses);
      const words = seen.map(filled);
      expect(responses.filter(({ status }) => status === 200).map(({ body }) => body)).toEqual(words);
      expected.push(...words);
      if (end === 'open') {
        const next = `GET ${own}/next`;
        client.send(`${next} HTTP/1.1\r\nHost: h\r\n\r\n`);
        expect((await client.responses(1)).map(({ status, body }) => [status, body])).toEqual([[200, next]]);
        words.push(next);
        expected.push(next);
        expect(client.closed).toBe(false);
      } else expect(await client.rest()).toEqual({ responses: [], rest: '' });
      client.close();
      await othersAreServed();
      // A target that is not the case's own is looked for at the end.
      expect(seenOf(own)).toEqual(sorted(words.filter((one) => one.includes(own))));
    },
  );

  it.runIf(payloads.some(([name]) => BY_VERSION_OF_NODE.has(name)))('that is taken once or refused', async () => {
    for (const [name, bytes] of payloads.filter(([one]) => BY_VERSION_OF_NODE.has(one))) {
      const own = `/v/${randomUUID()}`;
      const client = await Client.dial(stage.port);
      client.send(bytes.replaceAll('/@', own));
      client.socket.end();
      const { responses, rest } = await client.rest();
      const statuses = responses.map(({ status }) => status);
      expect([name, rest]).toEqual([name, '']);
      expect(statuses.filter((status) => ![200, 400, 408].includes(status))).toEqual([]);
      const seen = stage.backend.seen.filter((words) => words.includes(own));
      expect([name, seen.length]).toEqual([name, statuses.filter((status) => status === 200).length]);
      expect(seen.length).toBeLessThanOrEqual(1);
      expected.push(...seen);
      await othersAreServed();
    }
  });

  it('did nothing else', nothingElseHappened);
});

describe('a client that does not get on', () => {
  const post = (own: string) => `POST ${own} HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n`;
  it.concurrent.each<[string, (own: string) => string, number[]]>([
    ['in its first line', () => 'GET /slow HT', [408]],
    ['in its head', (own) => `GET ${own} HTTP/1.1\r\nHost: h\r\n`, [408]],
    ['in its body', (own) => `${post(own)}half`, [408]],
    ['in a chunk', (own) => `PUT ${own} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel`, [408]],
    ['in the second head', (own) => `GET ${own} HTTP/1.1\r\nHost: h\r\n\r\nGET /slow HTTP/1.1\r\nHo`, [200, 408]],
    ['in the second body', (own) => `GET ${own} HTTP/1.1\r\nHost: h\r\n\r\n${post(own)}half`, [200, 408]],
  ])('%s gets 408, and is let go', async (_where, bytes, statuses) => {
    const own = `/slow/${randomUUID()}`;
    const client = await Client.dial(stage.port);
    client.send(bytes(own));
    expect((await client.responses(statuses.length)).map(({ status }) => status)).toEqual(statuses);
    client.socket.end();
    expect(await client.rest()).toEqual({ responses: [], rest: '' });
    if (statuses.length === 2) expected.push(`GET ${own}`);
    await othersAreServed();
  });

  it.concurrent('and sends a byte of its head now and then gets 408 all the same', async () => {
    const client = await Client.dial(stage.port);
    client.send('GET /slowly HTTP/1.1\r\nHost: h\r\nX: ');
    const drip = setInterval(() => client.send('y'), 100);
    expect((await client.responses(1))[0]?.status).toBe(408);
    clearInterval(drip);
    expect(await client.rest()).toEqual({ responses: [], rest: '' });
    client.close();
    await othersAreServed();
  });

  it.each<[string, (own: string) => string, number[], boolean]>([
    ['nothing', () => '', [], false],
    ['half a line', () => 'GET /half', [400], false],
    ['half a head', (own) => `GET ${own} HTTP/1.1\r\nHos`, [400], false],
    ['half a body', (own) => `${post(own)}half`, [400], false],
    ['a request', (own) => `GET ${own} HTTP/1.1\r\nHost: h\r\n\r\n`, [200], true],
    ['a request and half of one', (own) => `GET ${own} HTTP/1.1\r\nHost: h\r\n\r\n${post(own)}half`, [200, 400], true],
  ])('and ends its side behind %s is answered and let go', async (_what, bytes, statuses, served) => {
    const own = `/half/${randomUUID()}`;
    const client = await Client.dial(stage.port);
    client.send(bytes(own));
    client.socket.end();
    const { responses, rest } = await client.rest();
    expect([responses.map(({ status }) => status), rest]).toEqual([statuses, '']);
    if (served) expected.push(`GET ${own}`);
    await othersAreServed();
  });

  it.each<[string, string]>([
    ['its line', 'GET /reset HT'],
    ['its body', post('/reset')],
    ['a chunk', 'PUT /reset HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel'],
    ['CONNECT', 'CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['a method of its own', 'RESE'],
    ['garbage', '\x01\x02\x03\r\n\r\n'],
    ['an expectation', post('/reset').replace('Host', 'Expect: 100-continue\r\nHost')],
  ])('and resets in or behind %s ends nothing but itself', async (_where, bytes) => {
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        const client = await Client.dial(stage.port);
        client.send(bytes);
        client.socket.resetAndDestroy();
      }),
    );
    await othersAreServed();
  });

  it('left nothing behind', nothingElseHappened);
});

describe.each(Object.entries(REPLY_PAYLOADS))('what a backend says: %s', (about, payloads) => {
  it.each(payloads)('%s', async (_name: string, ...outcome) => {
    const [answer, status, body] = outcome as unknown as [ReplyPayload[1], ReplyPayload[2], ReplyPayload[3]];
    const target = `/hostile/${randomUUID()}`;
    let ended: Promise<unknown> | undefined;
    stage.backend.behaviours.set(target, (socket) => {
      if (about === 'more than the answer') ended = once(socket, 'close');
      if (typeof answer === 'string') socket.write(Buffer.from(answer, 'latin1'));
      else answer(socket);
    });
    expected.push(`GET ${target}`);
    const client = await Client.dial(stage.port);
    client.send(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);
    const [response] = await client.responses(1);
    const words = response?.headerLines.some((line) => line.includes('application/problem+json'))
      ? (JSON.parse(response.body) as { code: string }).code
      : response?.body;
    expect([response?.status, words]).toEqual([status, body]);
    expect(response?.headerLines.filter((line) => /evil/i.test(line))).toEqual([]);
    // What comes behind an answer ends its connection.
    await ended;
    // On the client's connection, and on what connections to the backend there are: nothing is left of it.
    const next = `/next/${randomUUID()}`;
    client.send(`GET ${next} HTTP/1.1\r\nHost: h\r\n\r\n`);
    expected.push(`GET ${next}`);
    expect((await client.responses(1)).map((one) => [one.status, one.body])).toEqual([[200, `GET ${next}`]]);
    client.close();
    await othersAreServed();
  });

  it('left nothing behind', nothingElseHappened);
});

describe('requests that were right, and then something happened to them', () => {
  const SEED = Number(process.env.KHP_FUZZ_SEED ?? 20_260_101);
  const RUNS = Number(process.env.KHP_FUZZ_RUNS ?? 600);
  const AT_ONCE = 10;

  it(`${RUNS} clients, ${AT_ONCE} at once (KHP_FUZZ_SEED=${SEED})`, { timeout: 600_000 }, async () => {
    const before = stage.backend.seen.length;
    const samples = fc.sample(sent, { numRuns: RUNS, seed: SEED });
    for (let i = 0; i < samples.length; i += AT_ONCE) {
      const batch = samples.slice(i, i + AT_ONCE).map((make) => {
        const own = `/r/${randomUUID().slice(0, 13)}`;
        return { own, ...make(own) };
      });
      await Promise.all(
        batch.map(async ({ own, packets }) => {
          const client = await Client.dial(stage.port);
          for (const packet of packets) await client.flush(packet);
          client.socket.end();
          const { responses, rest } = await client.rest();
          client.close();
          expect(rest).toBe('');
          const others = batch.filter((one) => one.own !== own);
          expect(responses.filter(({ body }) => others.some((one) => body.includes(one.own)))).toEqual([]);
        }),
      );
      await othersAreServed();
      for (const { own, bytes } of batch) {
        const most = readRequests(bytes, { lenient: true }).requests.length;
        const seen = stage.backend.seen.filter((words) => words.includes(own)).length;
        if (seen > most) expect.fail(`the backend saw ${seen} requests, ${most} were sent: ${JSON.stringify(bytes)}`);
      }
    }
    await quiet();
    expected.push(...stage.backend.seen.slice(before).filter((words) => !words.includes('/other/')));
  });

  it('left nothing behind', nothingElseHappened);
});

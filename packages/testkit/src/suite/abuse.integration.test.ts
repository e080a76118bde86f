import { randomBytes } from 'node:crypto';
import type { OutgoingRecord } from '@kafka-http-proxy/kafka';
import { describe, expect, inject, it } from 'vitest';
import { startBackend } from '../http/scripted-backend.js';
import { produceAll } from '../kafka/probe.js';
import { startKafka } from '../kafka/real-kafka.js';
import { startBridge } from '../services/bridge.js';
import { useBridge } from '../services/use-bridge.js';

/** Bytes. */
const MAX_BODY_SIZE = 1_100_000;

describe('what strangers send', () => {
  const stage = useBridge({ backend: startBackend, proxy: { MAX_BODY_SIZE: String(MAX_BODY_SIZE) } });
  const send = (headers: Record<string, string>, body?: Buffer) =>
    fetch(stage.bridge.origin, { method: body ? 'POST' : 'GET', headers, ...(body ? { body } : {}) });
  const goesOn = async () => expect((await send({})).status).toBe(200);

  it.each([
    ['an internal topic', () => ({ 'x-kafka-topic': '__consumer_offsets' }), 403, 'topic_not_allowed'],
    ['a response topic', () => ({ 'x-kafka-topic': stage.bridge.responseTopic }), 403, 'topic_not_allowed'],
    ['the dead-letter topic', () => ({ 'x-kafka-topic': stage.bridge.deadLetterTopic }), 403, 'topic_not_allowed'],
    ['a malformed topic', () => ({ 'x-kafka-topic': 'a b/c' }), 400, 'bad_request'],
    ['a topic name that is too long', () => ({ 'x-kafka-topic': 'a'.repeat(250) }), 400, 'bad_request'],
    ['an internal reply topic', () => ({ 'x-kafka-reply-topic': '__transaction_state' }), 403, 'topic_not_allowed'],
    ['a head of 100 KB', () => ({ 'x-large': 'x'.repeat(100_000) }), 431, 'headers_too_large'],
  ])('%s is refused, counted, and nothing stops', async (_what, headers, status, code) => {
    const before = await stage.proxy.metric('proxy_errors_total', { code });
    const response = await send(headers());
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status, code });
    expect(await stage.proxy.metric('proxy_errors_total', { code })).toBe(before + 1);
    await goesOn();
  });

  it.each(['khp-control', 'failed', 'failed-marks'])(
    '%s, which the tiers keep for themselves, is refused',
    async (kind) => {
      const names: Record<string, string> = {
        'khp-control': stage.bridge.controlTopic,
        failed: stage.bridge.deadLetterTopic,
        'failed-marks': `${stage.bridge.deadLetterTopic}-marks`,
      };
      for (const header of ['x-kafka-topic', 'x-kafka-reply-topic']) {
        expect((await send({ [header]: names[kind] as string })).status).toBe(403);
      }
    },
  );

  it('the start warns once that clients may name any topic, and says what that opens', () => {
    const warned = stage.proxy.log.filter(({ msg }) => String(msg).startsWith('allowed_topics: *'));
    expect(warned).toHaveLength(1);
    expect(warned[0]?.msg).toMatch(/connect-configs/);
  });

  it.runIf(inject('broker').kind === 'kafka')('topics that do not exist and are not created get 400', async () => {
    const kafka = await startKafka({ autoCreateTopics: false });
    const strict = await startBridge({
      broker: { kind: 'kafka', bootstrapServers: kafka.bootstrapServers, properties: {} },
      backendUrl: stage.backend.url,
    });
    for (const header of ['x-kafka-topic', 'x-kafka-reply-topic']) {
      const response = await fetch(strict.origin, { headers: { [header]: 'nowhere' } });
      expect([header, response.status]).toEqual([header, 400]);
      expect(await response.json()).toMatchObject({
        code: 'bad_request',
        detail: expect.stringContaining('does not exist'),
      });
    }
    expect((await fetch(strict.origin)).status).toBe(200);
    await strict.close();
    await kafka.stop();
  });

  it('a body over max_body_size gets 413 at once', async () => {
    const response = await send({}, randomBytes(MAX_BODY_SIZE + 1));
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 'body_too_large' });
    await goesOn();
  });

  it('garbage in the request and response topics is counted, dead-lettered, and both tiers go on', async () => {
    const garbage = (topic: string): OutgoingRecord[] =>
      [
        { value: randomBytes(100), headers: [] },
        { value: null, headers: [] },
        { value: Buffer.from('{"correlation_id":'), headers: [] },
        { value: Buffer.from('[1,2]'), headers: [{ correlation_id: 'x' }] },
        { value: Buffer.from('{}'), headers: [{ correlation_id: 'é' }] },
        { value: null, headers: [{ khp: 'not json' }] },
        { value: null, headers: [{ correlation_id: 'x' }, { khp: 'null' }] },
        { value: null, headers: [{ correlation_id: 'x' }, { khp: '{"v":3}' }] },
        { value: null, headers: [{ correlation_id: 'x' }, { khp: '{"v":2}' }] },
        {
          value: null,
          headers: [{ correlation_id: 'x' }, { khp: '{"v":2,"method":"G ET","target":"/","headers":[]}' }],
        },
        {
          value: null,
          headers: [{ correlation_id: 'x' }, { khp: '{"v":2,"method":"GET","target":"http://evil/","headers":[]}' }],
        },
        {
          value: null,
          headers: [{ correlation_id: 'x' }, { khp: '{"v":2,"method":"GET","target":"/","headers":["a"]}' }],
        },
        {
          value: null,
          headers: [
            { correlation_id: 'x' },
            { khp: '{"v":2,"method":"GET","target":"/","headers":["a","b\\r\\nc: d"]}' },
          ],
        },
        { value: null, headers: [{ correlation_id: 'x' }, { khp: '{"v":2,"status":99,"headers":[]}' }] },
        { value: null, headers: [{ correlation_id: 'x' }, { khp: '{"v":2,"status":"200","headers":[]}' }] },
        { value: null, headers: [{ correlation_id: 'x' }, { khp: '{"v":2,"status":200}' }] },
        { value: null, headers: [{ correlation_id: 'x' }, { khp: '{"v":2,"seq":-1}' }] },
        { value: null, headers: [{ correlation_id: '' }, { khp: '{"v":2}' }] },
        { value: null, headers: [{ correlation_id: 'x'.repeat(200) }, { khp: '{"v":2}' }] },
        { value: randomBytes(1000), headers: [{ khp: randomBytes(50) }, { correlation_id: randomBytes(20) }] },
      ].map((record) => ({ topic, partition: 0, key: null, ...record }));
    await produceAll(inject('broker'), [...garbage(stage.bridge.requestTopic), ...garbage(stage.bridge.responseTopic)]);
    await expect
      .poll(() => stage.bridge.processor.metric('processor_poison_records_total'), { timeout: 20_000 })
      .toBe(20);
    await expect
      .poll(() => stage.bridge.processor.metric('processor_dead_letters_total'), { timeout: 20_000 })
      .toBe(20);
    if ((await stage.proxy.metric('proxy_active_consumers')) > 0) {
      for (let i = 0; i < 20; i++) await goesOn();
    }
    expect(stage.backend.received.every(({ target }) => target === '/')).toBe(true);
  });

  it('a reply to an exchange that is not ours is dropped', async () => {
    // The processor answers poison that names no partition in any, so there may be some already.
    const before = await stage.proxy.metric('proxy_foreign_replies_total');
    await produceAll(
      inject('broker'),
      [0, 1, 2, 3].map((partition) => ({
        topic: stage.bridge.responseTopic,
        partition,
        key: null,
        value: Buffer.from('forged'),
        headers: [{ correlation_id: 'AAAAAAAA-1' }, { khp: '{"v":2,"status":200,"headers":[]}' }],
      })),
    );
    await expect
      .poll(() => stage.proxy.metric('proxy_foreign_replies_total'), { timeout: 20_000 })
      .toBeGreaterThan(before);
    await goesOn();
  });
});

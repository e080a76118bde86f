import { describe, expect, it, vi } from 'vitest';
import { backlogFor } from './dispatch/backlog.js';
import { MemoryKafka } from './testing/memory-kafka.js';
import { closedPort, rawBackend } from './testing/raw-backend.js';
import { topic } from './testing/samples.js';
import { fresh, OK, start } from './testing/started.js';

describe('startProcessor', () => {
  it('answers requests by its backend, stores their offsets, and says nothing about them', async () => {
    const { url, requests } = await rawBackend(OK);
    const { processor, kafka, lines } = await start({ topics: [topic({ backend_url: `${url}/base` })] });
    await processor.connected;
    // That partitions came, and that it reads.
    await vi.waitFor(() => expect(lines).toHaveLength(2), { timeout: 20_000 });
    kafka.give(fresh({ offset: 4 }, { target: '/x?y' }));
    await vi.waitFor(() => expect(kafka.stored.get('requests/0')).toBe(5), { timeout: 20_000 });
    expect(requests[0]).toMatch(/^GET \/base\/x\?y HTTP\/1\.1\r\n/);
    expect(kafka.producer.sent[0]?.value?.toString()).toBe('ok');
    expect(lines).toHaveLength(2);
  });

  it('makes one consumer a group, and the topics it needs', async () => {
    const { processor, kafka } = await start({
      topics: [
        topic({ request_topic: 'a', consumer_group: 'g' }),
        topic({ request_topic: 'b', consumer_group: 'h', response_topic: 'b-r' }),
        topic({ request_topic: 'c', consumer_group: 'g' }),
      ],
      dead_letter_topic: 'dead',
    });
    await processor.connected;
    expect(kafka.groups).toEqual([
      { group: 'g', topics: ['a', 'c'] },
      { group: 'h', topics: ['b'] },
    ]);
    expect(kafka.ensured).toEqual([['a', 'responses', 'b', 'b-r', 'c', 'dead'], ['khp-control']]);
  });

  it('creates no topics when it is told so', async () => {
    const { processor, kafka } = await start({ kafka: { create_topics: false } });
    await processor.connected;
    expect(kafka.ensured).toEqual([]);
  });

  it('takes no request before Kafka allows what they need, and says what is missing', async () => {
    const kafka = new MemoryKafka();
    kafka.denied.add('dead').add('khp-control');
    const { processor, lines } = await start({ dead_letter_topic: 'dead' }, kafka);
    const missing = 'Kafka denies Write on topic dead: an ACL is missing';
    await vi.waitFor(() => expect(processor.ready()).toMatchObject({ ready: false, reasons: [missing] }));
    expect(lines.map((line) => JSON.parse(line) as { level: string; msg: string })).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ level: 'error', msg: expect.stringContaining(`${missing}; grant it: kafka-acls`) }),
        expect.objectContaining({ level: 'warn', msg: expect.stringContaining('Read and Write on topic khp-control') }),
      ]),
    );
    expect(kafka.groups).toEqual([]);
    kafka.denied.delete('dead');
    await processor.connected;
    expect(processor.ready()).toEqual({
      ready: true,
      reasons: [],
      notes: [
        'no body can be longer than a record: control_topic khp-control cannot be read: ' +
          'Kafka denies Read and Write on topic khp-control: an ACL is missing',
      ],
    });
  });

  it('is not ready while Kafka is away, and gets ready by itself', async () => {
    const kafka = new MemoryKafka();
    let comeUp = () => {};
    kafka.up = new Promise((resolve) => {
      comeUp = resolve;
    });
    const { processor, get } = await start({ management_port: await closedPort() }, kafka);
    expect(processor.ready()).toMatchObject({ ready: false, reasons: ['no broker of kafka:9092 can be reached'] });
    expect((await get('/ready')).status).toBe(503);
    expect((await get('/health')).status).toBe(200);
    comeUp();
    await processor.connected;
    expect((await get('/ready')).status).toBe(200);
  });

  it('is not ready while its group keeps it out, and says what to do', async () => {
    const { processor, kafka, get } = await start({ management_port: await closedPort() });
    await processor.connected;
    kafka.trouble = 'consumer group processor-requests has another member with group.instance.id "a"';
    expect(processor.ready()).toMatchObject({ ready: false, reasons: [kafka.trouble] });
    expect((await get('/ready')).status).toBe(503);
    kafka.trouble = null;
    expect(processor.ready().ready).toBe(true);
  });

  it('serves /status with the fields of 1.0.1 and more, and /metrics with its names', async () => {
    const { url } = await rawBackend(OK);
    const { processor, kafka, get } = await start({
      topics: [topic({ backend_url: url })],
      management_port: await closedPort(),
    });
    await processor.connected;
    kafka.give(fresh());
    await vi.waitFor(() => expect(kafka.stored.size).toBe(1), { timeout: 20_000 });
    expect(JSON.parse((await get('/status')).text)).toEqual({
      running: true,
      config_hash: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
      config_loaded_at: expect.stringMatching(/^2\d{3}-/) as unknown,
      config_error: null,
      configured_topics: 1,
      active_consumers: 1,
      topics: {
        requests: {
          backend_url: url,
          response_topic: 'responses',
          consumer_group: 'processor-requests',
          group_protocol: 'classic',
          backend_up: true,
          breaker: 'closed',
          partitions: [0],
          lag: 7,
          in_flight: 0,
          paused: false,
          paused_by: [],
        },
      },
    });
    const metrics = (await get('/metrics')).text;
    for (const line of [
      'processor_messages_total{topic="requests",status="success"} 1',
      'processor_latency_seconds_count{topic="requests"} 1',
      `processor_backend_latency_seconds_count{topic="requests",backend="${url}"} 1`,
      'processor_active_consumers 1',
      'processor_messages_in_flight 0',
      `processor_backend_errors_total{topic="requests",backend="${url}"} 0`,
      'processor_consumer_lag{topic="requests",partition="0"} 7',
      'processor_breaker_state{topic="requests"} 0',
      'processor_paused{topic="requests",reason="pressure"} 0',
      'processor_paused{topic="requests",reason="unhealthy"} 0',
    ]) {
      expect(metrics).toContain(line);
    }
  });

  it('stores the offset of a record that came before its consumer was there', async () => {
    const { url } = await rawBackend(OK);
    const kafka = new MemoryKafka();
    kafka.early = fresh({ offset: 8 });
    await start({ topics: [topic({ backend_url: url })] }, kafka);
    await vi.waitFor(() => expect(kafka.stored.get('requests/0')).toBe(9), { timeout: 20_000 });
  });

  it('pauses a topic that has too much and resumes it later', async () => {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { url } = await rawBackend((socket) => void released.then(() => socket.write(OK)));
    const { processor, kafka } = await start({ topics: [topic({ backend_url: url })], max_concurrent_requests: 50 });
    await processor.connected;
    const most = backlogFor(50, 1e9).records;
    for (let offset = 0; offset < most - 1; offset++) kafka.give(fresh({ offset }));
    expect(kafka.paused).toEqual([]);
    kafka.give(fresh({ offset: most - 1 }));
    expect(kafka.paused).toEqual([{ topic: 'requests', partition: 0 }]);
    release();
    await vi.waitFor(() => expect(kafka.paused).toEqual([]), { timeout: 10_000 });
  }, 20_000);

  it('pauses a topic whose backend is not well where it is to wait, says so, and leaves what waits when it stops', async () => {
    const { url, requests } = await rawBackend('HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n');
    const waits = topic({
      backend_url: url,
      retry_statuses: [503],
      circuit_breaker: { min_rps: 0, half_open_after: 3600 },
      on_unhealthy: 'pause',
    });
    const { processor, kafka, get, lines } = await start({ topics: [waits], management_port: await closedPort() });
    await processor.connected;
    kafka.give(fresh({ offset: 0 }, { method: 'POST' }));
    await vi.waitFor(() => expect(kafka.paused).toEqual([{ topic: 'requests', partition: 0 }]), { timeout: 10_000 });
    kafka.give(fresh({ offset: 1 }));
    expect(JSON.parse((await get('/status')).text).topics.requests).toMatchObject({
      breaker: 'open',
      in_flight: 1,
      paused: true,
      paused_by: ['unhealthy'],
    });
    expect(JSON.parse((await get('/ready')).text)).toEqual({
      status: 'ready',
      notes: ['topic requests is paused: its backend fails often (on_unhealthy: pause)'],
    });
    expect((await get('/metrics')).text).toContain('processor_paused{topic="requests",reason="unhealthy"} 1');
    expect(lines.at(-1)).toContain('the backend fails often: its topic is paused, and requests wait');
    await processor.stop();
    expect([requests.length, kafka.stored.get('requests/0'), kafka.producer.sent.length]).toEqual([1, 1, 1]);
  });

  it('says with a sentence why it can not start', async () => {
    const tls = { ca: '/nonexistent/ca.pem' };
    await expect(start({ topics: [topic({ backend_url: 'https://127.0.0.1:1', tls })] })).rejects.toThrow('ca.pem');
  });
});

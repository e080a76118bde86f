import { beforeEach, describe, expect, inject, it } from 'vitest';
import { runCaptured } from '../testing/captured-host.js';
import { brokerFlags, configFile, recordOf, testName, write } from '../testing/stage.js';

const broker = inject('broker');
const kafka = { bootstrap_servers: broker.bootstrapServers, properties: broker.properties };

let name: string;
let files: string[];
beforeEach(async () => {
  name = testName('t');
  const proxy = await configFile('proxy.json', {
    kafka,
    routes: [
      { path: '/orders', request_topic: `${name}-requests`, response_topic: `${name}-responses` },
      { path: '/carts', request_topic: `${name}-requests`, response_topic: `${name}-responses` },
    ],
    default_response_topic: `${name}-responses`,
    warmup_topics: [],
    control_topic: `${name}-control`,
  });
  const processor = await configFile('processor.json', {
    kafka: { ...kafka, topic_partitions: 9 },
    topics: [
      {
        request_topic: `${name}-requests`,
        response_topic: `${name}-responses`,
        backend_url: 'http://127.0.0.1:9',
        consumer_group: 'of-orders',
      },
    ],
    dead_letter_topic: `${name}-failed`,
    control_topic: `${name}-control`,
  });
  files = ['-c', proxy, '-c', processor];
});

const objects = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('topics list', () => {
  it('tells of each configured topic how it is and who uses it, and exits with 1 where one is missing', async () => {
    await write(broker, [recordOf(`${name}-requests`, 0), recordOf(`${name}-requests`, 1)]);
    const { code, stdout, stderr } = await runCaptured(['topics', 'list', '--json', ...files]);
    expect(code).toBe(1);
    expect(objects(stdout)).toEqual([
      {
        topic: `${name}-requests`,
        for: 'requests',
        partitions: 4,
        replicas: expect.any(Number),
        leaderless: 0,
        records: 2,
        used_by: ['proxy /orders', 'proxy /carts', 'processor group of-orders'],
      },
      {
        topic: `${name}-responses`,
        for: 'replies',
        used_by: ['proxy /orders', 'proxy /carts', 'processor'],
      },
      expect.objectContaining({ topic: `${name}-control`, for: 'control', used_by: ['proxy', 'processor'] }),
      expect.objectContaining({ topic: `${name}-failed`, for: 'dead letters', used_by: ['processor'] }),
      expect.objectContaining({ topic: `${name}-failed-marks`, for: 'marks', used_by: ['dlq'] }),
    ]);
    expect(stderr).toContain('topics create');
  });

  it('lists all topics of the cluster without a configuration', async () => {
    await write(broker, [recordOf(`${name}-else`, 0)]);
    const { code, stdout } = await runCaptured(['topics', 'list', '--all', ...brokerFlags(broker)]);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${name}-else\t\t4\t\\d+\t0\t1\t$`, 'm'));
    expect(await runCaptured(['topics', 'list', ...brokerFlags(broker)])).toMatchObject({ code: 2 });
  });
});

describe('topics plan', () => {
  it('writes a kafka-topics line for each that is missing, with how long it is to be kept', async () => {
    await write(broker, [recordOf(`${name}-requests`, 0)]);
    const { code, stdout } = await runCaptured(['topics', 'plan', '--replication-factor', '3', ...files]);
    expect(code).toBe(0);
    const line = `kafka-topics --bootstrap-server ${broker.bootstrapServers} --create --topic ${name}`;
    expect(stdout.split('\n').filter((text) => text.startsWith('kafka'))).toEqual([
      `${line}-responses --replication-factor 3 --config retention.ms=3600000`,
      `${line}-control --replication-factor 3 --config retention.ms=3600000`,
      `${line}-failed --partitions 9 --replication-factor 3 --config retention.ms=2592000000`,
      `${line}-failed-marks --partitions 1 --replication-factor 3 --config cleanup.policy=compact`,
    ]);
    const dry = await runCaptured(['topics', 'create', '--dry-run', '--replication-factor', '3', ...files]);
    expect(dry).toMatchObject({ code: 0, stdout });
  });
});

describe('topics create', () => {
  it('makes nothing where nobody can be asked', async () => {
    expect(await runCaptured(['topics', 'create', ...files])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'Nobody can be asked here: say --yes, or --dry-run.\n',
    });
  });

  it('asks on a terminal, and makes nothing without a yes', async () => {
    const { code, stdout, stderr } = await runCaptured(['topics', 'create', ...files], {
      terminal: true,
      stdin: 'no\n',
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`--topic ${name}-failed-marks`);
    expect(stderr).toContain('Make these 5 topics? [y/N]');
    expect((await runCaptured(['topics', 'list', ...files])).stdout).toContain('missing');
  });

  it.runIf(broker.kind === 'kafka')('makes what is missing, reads it back, and has nothing to do then', async () => {
    const { code, stdout } = await runCaptured(['topics', 'create', '--yes', '--partitions', '2', ...files]);
    expect({ code, made: stdout.trim().split('\n') }).toEqual({
      code: 0,
      made: [
        `${name}-requests: made, with 2 partitions and 1 replicas`,
        `${name}-responses: made, with 2 partitions and 1 replicas`,
        `${name}-control: made, with 2 partitions and 1 replicas`,
        `${name}-failed: made, with 2 partitions and 1 replicas`,
        `${name}-failed-marks: made, with 1 partitions and 1 replicas`,
      ],
    });
    expect(await runCaptured(['topics', 'create', ...files])).toMatchObject({
      code: 0,
      stderr: 'All configured topics are there.\n',
    });
    expect((await runCaptured(['topics', 'list', ...files])).code).toBe(0);
  });

  it.runIf(broker.kind === 'kafka')('names what Kafka refuses', async () => {
    const refused = await runCaptured(['topics', 'create', '--yes', '--replication-factor', '5', ...files]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(new RegExp(`^${name}-requests: not made\\. creating topic ${name}-requests: `));
  });
});

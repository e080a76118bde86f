import { createRequestConsumer, type RequestConsumer } from '@kafka-http-proxy/kafka';
import { expect, inject, it, onTestFinished } from 'vitest';
import { runCaptured } from '../testing/captured-host.js';
import { brokerFlags, configFile, recordOf, settingsOf, testName, write } from '../testing/stage.js';

const broker = inject('broker');
const flags = brokerFlags(broker);

/** A group that has done the first `done` records of partition 0, and is gone again. */
async function commit(group: string, topic: string, done: number): Promise<void> {
  let read: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    read = resolve;
  });
  const consumer: RequestConsumer = await createRequestConsumer({
    settings: settingsOf(broker),
    group,
    topics: [topic],
    onRecord({ partition, offset }) {
      if (partition !== 0 || offset !== done - 1) return;
      consumer.store(topic, 0, done);
      read();
    },
    onAssigned: () => undefined,
    onRevoked: () => Promise.resolve(),
    revokeTimeoutMs: 1000,
  });
  await all;
  await consumer.close();
}

const fields = (text: string) =>
  text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => line.split('\t'));

it('tells what is committed, the end, and how long the first record has waited', async () => {
  const topic = testName('orders');
  const group = testName('group');
  await write(broker, [recordOf(topic, 0), recordOf(topic, 0), recordOf(topic, 0), recordOf(topic, 1)]);
  await commit(group, topic, 2);
  const { code, stdout } = await runCaptured(['lag', topic, '--group', group, '--json', ...flags]);
  expect(code).toBe(0);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  const age = expect.any(Number) as number;
  expect(rows).toEqual([
    { topic, group, partition: 0, committed: 2, end: 3, lag: 1, age_ms: age },
    { topic, group, partition: 1, end: 1, lag: 1, age_ms: age },
    { topic, group, partition: 2, end: 0, lag: 0, age_ms: 0 },
    { topic, group, partition: 3, end: 0, lag: 0, age_ms: 0 },
    { topic, group, partition: 'all', lag: 2, age_ms: age },
  ]);
  expect((rows[0] as { age_ms: number }).age_ms).toBeLessThan(60_000);
});

it('finds by itself what a group has committed', async () => {
  const topic = testName('orders');
  const group = testName('group');
  await write(broker, [recordOf(topic, 0)]);
  await commit(group, topic, 1);
  const { stdout } = await runCaptured(['lag', '--group', group, ...flags]);
  expect(fields(stdout).at(-1)).toEqual([topic, group, 'all', '', '', '0', '']);
  expect(await runCaptured(['lag', '--group', testName('nobody'), ...flags])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('has committed nothing'),
  });
});

it('takes topics and groups from the processor, and says which is above the limit', async () => {
  const topic = testName('orders');
  const config = await configFile('processor.json', {
    kafka: { bootstrap_servers: broker.bootstrapServers, properties: broker.properties },
    topics: [{ request_topic: topic, backend_url: 'http://127.0.0.1:9', consumer_group: 'of-the-processor' }],
  });
  await write(broker, [recordOf(topic, 0), recordOf(topic, 3)]);
  const above = await runCaptured(['lag', '-c', config, '--fail-above', '1']);
  expect(above.code).toBe(1);
  expect(above.stderr).toMatch(
    new RegExp(`^${topic}: group of-the-processor is behind by 2 records and .*, more than 1\n$`),
  );
  expect(await runCaptured(['lag', '-c', config, '--fail-above', '2'])).toMatchObject({ code: 0, stderr: '' });
  expect((await runCaptured(['lag', '-c', config, '--fail-above', '0ms'])).code).toBe(1);
  expect((await runCaptured(['lag', '-c', config, '--fail-above', '1h'])).code).toBe(0);
});

it('looks again until it is interrupted, and draws over what was there on a terminal', async () => {
  const topic = testName('orders');
  await write(broker, [recordOf(topic, 0)]);
  for (const terminal of [false, true]) {
    const stop = new AbortController();
    onTestFinished(() => stop.abort());
    const watching = runCaptured(['lag', topic, '--watch', '0.05', ...flags], {
      signal: stop.signal,
      terminal,
      onOutput(text) {
        if (text.split('# 2').length > 3) stop.abort();
      },
    });
    const { code, stdout } = await watching;
    expect(code).toBe(130);
    expect(stdout.includes('\u001b[H\u001b[J')).toBe(terminal);
    expect(stdout.split('\n\n#').length > 2).toBe(!terminal);
  }
});

it('says what it lacks', async () => {
  expect(await runCaptured(['lag', ...flags])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--group or the processor'),
  });
  expect(await runCaptured(['lag', testName('none'), ...flags])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Kafka has no topic none-'),
  });
  expect(await runCaptured(['lag', 'a', '--fail-above', 'much', ...flags])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('records as 1000, or a time as 30s'),
  });
  expect((await runCaptured(['lag', '--help'])).stdout).toContain('--fail-above <limit>');
});

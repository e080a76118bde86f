import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { repositoryPath } from '@kafka-http-proxy/testkit';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { brokerFlags } from '../testing/broker-flags.js';
import { replyRecord, requestRecord } from '../testing/envelopes.js';
import { openTopicWriter, type TopicWriter } from '../testing/topic-writer.js';

const RECORDS = 100_000;
/** The command takes 100 before it reads anything; what V8 has not collected yet is most of the rest. */
const MOST_MIB = 300;
const SAY_PEAK = "process.on('exit',()=>process.stderr.write('peak '+process.resourceUsage().maxRSS+'.'))";

const broker = inject('broker');
const suffix = randomBytes(4).toString('hex');
const requests = `many-requests-${suffix}`;
const responses = `many-responses-${suffix}`;
let writer: TopicWriter;

/** Runs the command as it is built, and gives what its lines come to. */
async function tail(
  argv: readonly string[],
  onLine: (line: string) => void,
): Promise<{ code: number; peakMiB: number }> {
  const words = ['tail', ...argv, ...brokerFlags(broker)];
  const child = spawn(process.execPath, [repositoryPath('apps/cli/bin/kafka-http-proxy.js'), ...words], {
    env: { PATH: process.env.PATH, NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(SAY_PEAK)}"` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  createInterface(child.stdout).on('line', onLine);
  const [code] = (await once(child, 'close')) as [number];
  const [, peak] = /peak (\d+)/.exec(stderr) ?? [];
  return { code, peakMiB: Number(peak) / 1024 };
}

// The embedded broker forgets what is beyond 5 MiB.
describe.runIf(broker.kind === 'kafka')('100,000 requests and as many replies', () => {
  beforeAll(async () => {
    writer = await openTopicWriter(broker);
    const [partitions] = [await writer.open(requests), await writer.open(responses)];
    for (let n = 0; n < RECORDS; n += 1000) {
      await Promise.all(
        Array.from({ length: 1000 }, (_, i) => {
          const correlationId = `id-${n + i}`;
          const place = { partition: (n + i) % partitions, unordered: true };
          const reply = { topic: responses, partition: 0 };
          return Promise.all([
            writer.write({
              topic: requests,
              ...place,
              ...requestRecord({ correlationId, reply, target: `/${n + i}` }),
            }),
            writer.write({ topic: responses, ...place, ...replyRecord({ correlationId }) }),
          ]);
        }),
      );
    }
  }, 180_000);
  afterAll(() => writer.close());

  it('are printed by time in bounded memory', async () => {
    let lines = 0;
    let last = '';
    let isOrdered = true;
    const { code, peakMiB } = await tail([requests, '--since', 'start'], (line) => {
      const time = line.slice(0, 24);
      isOrdered &&= last <= time;
      last = time;
      lines++;
    });
    expect({ code, lines, isOrdered }).toEqual({ code: 0, lines: RECORDS, isOrdered: true });
    expect(peakMiB).toBeLessThan(MOST_MIB);
  });

  it('are joined in bounded memory, each one', async () => {
    const outcomes = new Map<string, number>();
    const { code, peakMiB } = await tail([requests, responses, '--pair', '--since', 'start', '--json'], (line) => {
      const { outcome } = JSON.parse(line) as { outcome: string };
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    });
    expect({ code, ...Object.fromEntries(outcomes) }).toEqual({ code: 0, answered: RECORDS });
    expect(peakMiB).toBeLessThan(MOST_MIB);
  });

  it('are looked through for the last one that matches', async () => {
    const lines: string[] = [];
    const { code, peakMiB } = await tail([requests, '-n', '1', '--path', '/7', '--json'], (line) => lines.push(line));
    expect(code).toBe(0);
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(['id-7']);
    expect(peakMiB).toBeLessThan(MOST_MIB);
  });
});

describe.runIf(broker.kind === 'kafka')('300 bodies of 900 KB', () => {
  const topic = `many-large-${suffix}`;
  beforeAll(async () => {
    writer = await openTopicWriter(broker);
    const partitions = await writer.open(topic);
    const body = Buffer.alloc(900_000);
    const records = Array.from({ length: 300 }, (_, n) => ({
      topic,
      partition: n % partitions,
      ...replyRecord({ body }),
    }));
    await Promise.all(records.map((record) => writer.write(record)));
  });
  afterAll(() => writer.close());

  it('take no memory where nobody asked for them', async () => {
    let lines = 0;
    const { code, peakMiB } = await tail([topic, '--since', 'start'], () => void lines++);
    expect({ code, lines }).toEqual({ code: 0, lines: 300 });
    expect(peakMiB).toBeLessThan(MOST_MIB);
  });

  it('are shown some at a time', async () => {
    let lines = 0;
    const { code, peakMiB } = await tail([topic, '--since', 'start', '--bodies', 'head', '--json'], () => void lines++);
    expect({ code, lines }).toEqual({ code: 0, lines: 300 });
    expect(peakMiB).toBeLessThan(2 * MOST_MIB);
  });
});

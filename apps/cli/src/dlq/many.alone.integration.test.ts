import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createProducer } from '@kafka-http-proxy/kafka';
import { repositoryPath } from '@kafka-http-proxy/testkit';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { brokerWords, letterOf, silentSettings } from '../testing/dead-letters.js';

const broker = inject('broker');
const COUNT = 100_000;
/** What the command may take: issue 16. */
const MOST_MS = 10_000;
const MOST_BYTES = 200 * 1024 * 1024;
/** Says what the process held at its peak, KiB, and what it computed, us, behind all that it says itself. */
const PEAK = `data:text/javascript,process.on('exit',()=>{
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  console.error('peak', maxRSS, 'cpu', userCPUTime + systemCPUTime);
})`.replaceAll('\n', ' ');

/** Runs the command as it is built. */
async function run(words: readonly string[]) {
  const began = performance.now();
  const bin = repositoryPath('apps/cli/bin/kafka-http-proxy.js');
  const child = spawn(process.execPath, ['--import', PEAK, bin, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let lines = 0;
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    for (const byte of chunk) if (byte === 10) lines++;
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = await once(child, 'close');
  const [, peak, cpu] = /peak (\d+) cpu (\d+)/.exec(stderr) ?? [];
  const tookMs = performance.now() - began;
  return { code, lines, stderr, peakBytes: Number(peak) * 1024, cpuMs: Number(cpu) / 1000, tookMs };
}

// The embedded broker forgets what a partition has beyond 5 MiB.
describe.runIf(broker.kind === 'kafka')('a hundred thousand letters', () => {
  const topic = `failed-${randomBytes(4).toString('hex')}`;
  const words = [...brokerWords(broker), '--dead-letter-topic', topic];
  beforeAll(async () => {
    const producer = await createProducer(silentSettings(broker), { messageTimeoutMs: 60_000, lingerMs: 5 });
    await producer.partitionsOf(topic);
    for (let i = 0; i < COUNT; i += 5000) {
      const ids = Array.from(
        { length: 5000 },
        (_, j) => `A${String(i + j).padStart(7, '0')}-abcdefghijkl.0123456789abcdef`,
      );
      const letters = ids.map((correlationId) => letterOf(topic, { correlationId, body: randomBytes(600) }));
      await Promise.all(letters.map((letter) => producer.deliver(letter)));
    }
    await producer.close(5000);
  }, 120_000);

  it.each([['list'], ['list --json'], ['']])('are read in time and in little memory: dlq %s', async (word) => {
    const { code, lines, peakBytes, cpuMs, tookMs, stderr } = await run([
      'dlq',
      ...word.split(' ').filter(Boolean),
      ...words,
    ]);
    console.info(
      `dlq ${word}: ${Math.round(tookMs)} ms, ${Math.round(cpuMs)} ms of CPU, ${Math.round(peakBytes / 1024 / 1024)} MiB at its peak`,
    );
    expect(code, stderr).toBe(0);
    expect(lines).toBe(word === '' ? 1 : COUNT);
    // What others on the machine take is not its own.
    expect(cpuMs).toBeLessThan(MOST_MS);
    expect(peakBytes).toBeLessThan(MOST_BYTES);
  });
});

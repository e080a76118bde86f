import type { readLetter } from '@kafka-http-proxy/operate';
import { expect, it } from 'vitest';
import type { Host } from '../operator/host.js';
import { createPrinter } from '../output/printer.js';
import { letterOf } from '../testing/dead-letters.js';
import { carryOut, type Means } from './carry-out.js';
import type { Planned } from './plan/plan.js';

it('tells how far it came where Kafka goes away', async () => {
  const record = { ...letterOf('failed'), offset: 1, timestampMs: 1 } as Parameters<typeof readLetter>[0];
  const planned = { partition: 0, offset: 1, to: 'orders', version: 2, replyTopic: null, n: 1 } as Planned;
  const written: string[] = [];
  const stream = { write: (text: string) => void written.push(text) };
  const host = { stdout: stream, stderr: stream, environment: {}, signal: new AbortController().signal };
  const print = createPrinter(host as unknown as Host, {});
  const flags = { yes: true, wait: false, concurrency: 1, timeout: 1, stopAfter: 10 };
  const means = {
    letters: { inspector: { cluster: async () => ({ topics: new Map([['orders', []]]) }), denied: async () => [] } },
    source: {
      async *fetch() {
        yield { planned, record };
      },
    },
    session: {},
    log: { announce: () => Promise.reject(new Error('no mark')), lost: new AbortController().signal },
    name: { run: 'r1', by: 'a@b' },
  };
  const run = { host, print, flags, connection: { tiers: [] } } as unknown as Parameters<typeof carryOut>[0];
  const plan = { letters: [planned], passedOver: new Map(), total: 1 };
  await expect(carryOut(run, plan, means as unknown as Means)).rejects.toThrow('no mark');
  expect(written.join('')).toContain('run r1: 0 of 1 sent, 0 failed; 1 were not sent; stopped');
});

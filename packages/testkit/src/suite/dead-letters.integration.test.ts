import { decodeRequest } from '@kafka-http-proxy/protocol';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { readUntil } from '../kafka/probe.js';
import { freePort } from '../machine/ports.js';
import { type Bridge, startBridge } from '../services/bridge.js';

const broker = inject('broker');
let bridge: Bridge | undefined;
afterEach(() => bridge?.close());

const READS = 30;
const WRITES = 10;

describe.each([
  ['all', READS + WRITES],
  ['writes', WRITES],
] as const)('a backend that is down, and dead_letter: %s', (which, letters) => {
  it(`makes ${letters} letters of ${READS} GET and ${WRITES} POST, as many as are counted`, async () => {
    const backendUrl = `http://127.0.0.1:${await freePort()}`;
    bridge = await startBridge({ broker, backendUrl, processor: { DEAD_LETTER: which }, topicExtras: ',5,1' });
    const { origin, processor, deadLetterTopic } = bridge;
    const ask = (method: string) => fetch(origin, { method, ...(method === 'POST' && { body: 'x' }) });
    const methods = [...Array<string>(READS).fill('GET'), ...Array<string>(WRITES).fill('POST')];
    const answers = await Promise.all(methods.map(ask));
    expect(answers.map(({ status }) => status)).toEqual(methods.map(() => 502));

    // Counted at its end, when all that is to be written has been.
    const failed = () => processor.metric('processor_messages_total', { status: 'error' });
    await vi.waitFor(async () => expect(await failed()).toBe(methods.length), { timeout: 20_000, interval: 50 });
    expect(await processor.metric('processor_dead_letters_total')).toBe(letters);
    const found = await readUntil(broker, deadLetterTopic, (records) => records.length >= letters);
    expect(found).toHaveLength(letters);
    const posts = found
      .map((record) => decodeRequest(record))
      .filter((read) => read.ok && read.value.method === 'POST');
    expect(posts).toHaveLength(WRITES);
  });
});

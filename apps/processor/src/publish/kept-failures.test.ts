import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { broken, pipeline } from '../testing/pipeline.js';
import { record } from '../testing/samples.js';

/** Fails a request of each of the methods; the dead letters that come of it, and how many were counted. */
async function lettersOf(deadLetter: 'all' | 'writes', ...methods: string[]) {
  const made = pipeline({ respond: broken, config: { dead_letter: deadLetter } });
  for (const [offset, method] of methods.entries()) {
    const deadlineMs = made.clock.now() + 50;
    made.take(
      record({ offset, key: Buffer.from(method) }, { method, deadlineMs, correlationId: `nonce123-${offset}` }),
    );
  }
  await made.clock.advance(1_000);
  const keys = made.producer.to('dead').map(({ key }) => String(key));
  return { ...made, keys, counted: await made.value('processor_dead_letters_total') };
}

describe('dead_letter: writes', () => {
  it('keeps what may have changed something, and answers and logs the rest alone', async () => {
    const methods = ['GET', 'POST', 'HEAD', 'PUT', 'OPTIONS', 'DELETE', 'QUERY', 'PATCH', 'get', 'MADE-UP'];
    const { keys, counted, producer, stored, logger } = await lettersOf('writes', ...methods);
    // Case counts (RFC 9110 §9.1): nobody knows what "get" does.
    expect(new Set(keys)).toEqual(new Set(['DELETE', 'MADE-UP', 'PATCH', 'POST', 'PUT', 'get']));
    expect(counted).toBe(6);
    expect(producer.to('responses')).toHaveLength(methods.length);
    expect(logger.warn.mock.calls.length).toBeGreaterThan(0);
    expect(stored.at(-1)).toBe(methods.length);
  });

  it('keeps what could not be read, whatever it was', async () => {
    const { take, producer, stored } = pipeline({ config: { dead_letter: 'writes' } });
    take(record({ headers: [{ khp: Buffer.from('{') }, { correlation_id: Buffer.from('a') }] }));
    await settled();
    expect(producer.tries).toEqual(['dead']);
    expect(stored).toEqual([1]);
  });

  it('does not keep a read that no backend was to see', async () => {
    const { take, producer, stored } = pipeline({ config: { dead_letter: 'writes' } });
    take(record({ offset: 0 }, { reply: { topic: '__internal', partition: 0 } }));
    take(record({ offset: 1 }, { reply: { topic: '__internal', partition: 0 }, method: 'POST' }));
    await settled();
    expect(producer.tries).toEqual(['dead']);
    expect(stored.at(-1)).toBe(2);
  });
});

it('keeps every request that failed where nothing is said', async () => {
  const { keys, counted } = await lettersOf('all', 'GET', 'POST');
  // Either may be first: a GET is tried again, after waits of chance.
  expect(new Set(keys)).toEqual(new Set(['GET', 'POST']));
  expect(counted).toBe(2);
});

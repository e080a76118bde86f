import { settled } from '@kafka-http-proxy/streams/testing';
import { describe, expect, it } from 'vitest';
import { played } from '../testing/parts.js';
import { record } from '../testing/samples.js';

describe('a client that goes away', () => {
  it('ends the call to the backend; what changes something is dead-lettered, a read is not', async () => {
    for (const [method, letters] of [
      ['GET', 0],
      ['POST', 1],
    ] as const) {
      const { take, calls, fromProxy, aborted, producer, stored } = played();
      take(record({}, { method }));
      await settled();
      expect(calls).toHaveLength(1);
      fromProxy({ cancel: true });
      await settled();
      expect(aborted).toHaveBeenCalled();
      expect(producer.to('responses')).toEqual([]);
      expect(producer.to('dead')).toHaveLength(letters);
      expect(stored).toEqual([1]);
    }
  });

  it('before its request was taken up spares the backend the call', async () => {
    const { take, calls, fromProxy, stored } = played();
    fromProxy({ cancel: true });
    take(record());
    await settled();
    expect(calls).toEqual([]);
    expect(stored).toEqual([1]);
  });
});

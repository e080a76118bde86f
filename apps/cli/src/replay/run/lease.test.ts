import type { RunLock } from '@kafka-http-proxy/operate';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BEAT_MS, createLease, type Lease, type LoggedRecord, SILENCE_MS } from './lease.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** One partition, as all who read it see it; those that are cut off get its records later. */
function createLog() {
  const log: LoggedRecord[] = [];
  const readers: { lease: Lease; read: number; cut: boolean }[] = [];
  const flush = () => {
    for (const reader of readers)
      while (!reader.cut && reader.read < log.length) reader.lease.onRecord(log[reader.read++] as LoggedRecord);
  };
  const append = (key: string, value: object | null): number => {
    const text = value === null ? null : Buffer.from(JSON.stringify(value));
    log.push({ offset: log.length, key: Buffer.from(key), value: text });
    return log.length - 1;
  };
  return {
    append,
    flush,
    join(run: string, found: RunLock | null = null) {
      const write = async (lock: RunLock) => {
        if (reader.cut) return await new Promise<number>(() => undefined);
        const offset = append('lock', lock);
        queueMicrotask(flush);
        return offset;
      };
      const lease = createLease({ run, by: `${run}@host`, found, write });
      const reader = { lease, read: 0, cut: false };
      readers.push(reader);
      return Object.assign(reader, {
        mark: () => {
          const offset = append('0:1', {});
          queueMicrotask(flush);
          return lease.proven(offset);
        },
      });
    },
  };
}

it('is taken at once where nobody has it, and proves what its run writes', async () => {
  const a = createLog().join('a');
  expect(await a.lease.take()).toBeNull();
  expect(await a.mark()).toBe(true);
});

it('is refused while another run gives signs of life, and says whose it is', async () => {
  const log = createLog();
  const a = log.join('a');
  await a.lease.take();
  const taking = log.join('b').lease;
  log.flush();
  const other = taking.take();
  await vi.advanceTimersByTimeAsync(BEAT_MS);
  expect(await other).toMatchObject({ run: 'a', by: 'a@host' });
  expect(a.lease.lost.aborted).toBe(false);
});

it('is had as soon as the other run has let it go', async () => {
  const log = createLog();
  const a = log.join('a');
  await a.lease.take();
  const b = log.join('b');
  log.flush();
  const taken = b.lease.take();
  await a.lease.release();
  await vi.advanceTimersByTimeAsync(0);
  expect(await taken).toBeNull();
});

it('goes to one of two who want it at the same time', async () => {
  const log = createLog();
  const [a, b] = [log.join('a'), log.join('b')];
  const [first, second] = await Promise.all([a.lease.take(), b.lease.take()]);
  expect(first).toBeNull();
  expect(second).toMatchObject({ run: 'a' });
});

it('is taken from a run that is silent, which then proves nothing any more', async () => {
  const log = createLog();
  const a = log.join('a');
  await a.lease.take();
  a.cut = true;
  const b = log.join('b');
  log.flush();
  const taken = b.lease.take();
  await vi.advanceTimersByTimeAsync(SILENCE_MS);
  expect(await taken).toBeNull();
  expect(a.lease.lost.aborted).toBe(false);
  // It comes back, and writes before it has read what happened.
  a.cut = false;
  expect(await a.mark()).toBe(false);
  expect(a.lease.lost.reason).toMatchObject({ message: expect.stringContaining('run b of b@host has taken over') });
  expect(await b.mark()).toBe(true);
});

it('proves nothing where its records are not read again', async () => {
  const log = createLog();
  const a = log.join('a');
  await a.lease.take();
  a.cut = true;
  const proven = a.mark();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await proven).toBe(false);
  expect(a.lease.lost.aborted).toBe(true);
});

it('writes nothing over a lock that counts too far, which nobody could take over', async () => {
  const forged: RunLock = { v: 1, gen: Number.MAX_SAFE_INTEGER, state: 'free', run: 'r', by: 'b', since: 1 };
  const log = createLog();
  await expect(log.join('a', forged).lease.take()).rejects.toThrow("can't be taken over");
  expect(log.append('end', {})).toBe(0);
});

it('begins anew where somebody has taken the lock away: whoever had it sends nothing more', async () => {
  const log = createLog();
  const a = log.join('a');
  await a.lease.take();
  log.append('lock', { v: 1, gen: Number.MAX_SAFE_INTEGER, state: 'free', run: 'x', by: 'y', since: 1 });
  log.append('lock', null);
  log.flush();
  expect(await a.mark()).toBe(false);
  expect(a.lease.lost.aborted).toBe(true);
  const b = log.join('b');
  log.flush();
  expect(await b.lease.take()).toBeNull();
  expect(await b.mark()).toBe(true);
});

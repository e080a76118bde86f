import { expect, it, vi } from 'vitest';
import type { RdCommitted, RdConsumer } from '../client/librdkafka.js';
import { commitMetadata, startOffsets } from './start-offsets.js';

const at = (partition: number) => ({ topic: 'a', partition });
const states = new Map([['a', { id: 'new', partitions: 4 }]]);

function committing(found: RdCommitted[]): Pick<RdConsumer, 'committed'> {
  return { committed: vi.fn((_partitions, _timeoutMs, done) => done(null, found)) };
}

it('begins at the first record where the committed offset is of another topic', async () => {
  const client = committing([
    { ...at(0), offset: 6, metadata: 'topic-id=old' },
    { ...at(1), offset: 6, metadata: commitMetadata(states, 'a') },
    { ...at(2), offset: 6 },
    { ...at(3), offset: -1001 },
  ]);
  expect(await startOffsets(client, [at(0), at(1), at(2), at(3)], states)).toEqual([
    { ...at(0), offset: -2, foreign: 6 },
    { ...at(1), committed: 6 },
    { ...at(2), committed: 6 },
    at(3),
  ]);
});

it('does not ask where topics have no ids', async () => {
  const client = committing([]);
  const unknown = new Map([['a', { id: null, partitions: 4 }]]);
  expect(await startOffsets(client, [at(0)], unknown)).toEqual([at(0)]);
  expect(client.committed).not.toHaveBeenCalled();
  expect(commitMetadata(unknown, 'a')).toBe('');
});

it('says so when Kafka does not tell', async () => {
  const client = { committed: vi.fn((_partitions, _timeoutMs, done) => done({ code: -185, message: 'late' }, [])) };
  await expect(startOffsets(client, [at(0)], states)).rejects.toThrow('that the group has committed: late');
});

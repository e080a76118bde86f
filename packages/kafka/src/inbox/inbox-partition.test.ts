import { describe, expect, it } from 'vitest';
import { chooseInboxPartitions } from './inbox-partition.js';

describe('the inbox partition', () => {
  it('is the ordinal of a pod, modulo the partitions', () => {
    const of = (instanceId: string, count: number) =>
      chooseInboxPartitions({ configured: undefined, instanceId }, count);
    expect(of('proxy-0', 4)).toEqual([0]);
    expect(of('proxy-6', 4)).toEqual([2]);
    expect(of('some-host', 4)).toEqual(of('some-host', 4));
    expect(of('some-host', 1)).toEqual([0]);
  });

  it('is what is configured: one that exists, or all', () => {
    expect(chooseInboxPartitions({ configured: 3, instanceId: 'x' }, 4)).toEqual([3]);
    expect(chooseInboxPartitions({ configured: 'all', instanceId: 'x' }, 3)).toEqual([0, 1, 2]);
    expect(() => chooseInboxPartitions({ configured: 4, instanceId: 'x' }, 4)).toThrow(/0 to 3/);
  });
});

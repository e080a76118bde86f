import { canaryId } from '@kafka-http-proxy/protocol';
import { expect, it } from 'vitest';
import { canaryOwner, createCanary } from './canary.js';

it('is recognised by its own id', () => {
  const { id, record } = createCanary({ topic: 'a', partition: 3 });
  expect(record).toMatchObject({ topic: 'a', partition: 3 });
  // A proxy of 1.0.1 parses the value of each record, and ends where that fails.
  expect(JSON.parse(String(record.value))).toEqual({});
  expect(canaryId({ value: record.value, headers: record.headers })).toBe(id);
  const read = record.headers.map((header) =>
    Object.fromEntries(Object.entries(header).map(([name, value]) => [name, Buffer.from(value)])),
  );
  expect(canaryId({ value: record.value, headers: read })).toBe(id);
});

it('is not taken for a reply, nor a reply for it', () => {
  expect(canaryId({ value: null, headers: [{ correlation_id: Buffer.from('AAAABBBB-1') }] })).toBeNull();
  expect(canaryId({ value: Buffer.alloc(0), headers: [{ correlation_id: Buffer.from('canary-1') }] })).toBeNull();
  expect(canaryId({ value: null, headers: [] })).toBeNull();
});

it('names its reader, and believes nothing else that stands where the name is', () => {
  const owner = { instance: 'proxy-0', run: 'r' };
  expect(canaryOwner(createCanary({ topic: 'a', partition: 0 }, owner).record)).toEqual(owner);
  expect(canaryOwner(createCanary({ topic: 'a', partition: 0 }).record)).toBeNull();
  const strange = ['', 'null', '[]', '{"instance":1,"run":"r"}', '{"instance":"","run":"r"}'];
  strange.push(
    JSON.stringify({ instance: 'x'.repeat(250), run: 'r' }),
    JSON.stringify({ ...owner, x: 'y'.repeat(5000) }),
  );
  for (const khp of strange) expect(canaryOwner({ headers: [{ khp: Buffer.from(khp) }] })).toBeNull();
});

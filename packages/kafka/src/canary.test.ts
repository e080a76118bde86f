import { expect, it } from 'vitest';
import { canaryId, createCanary } from './canary.js';

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

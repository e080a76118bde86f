import { expect, it } from 'vitest';
import { testSettings } from '../testing/settings.js';
import { clientConfig, fitting, withProtocol } from './settings.js';

const settings = (properties: Record<string, string | number | boolean> = {}, maxRecordBytes = 1_000_000) => ({
  ...testSettings({ bootstrapServers: 'a:1', properties }),
  maxRecordBytes,
});

it('lets the operator win over ours, and nobody over what the package relies on', () => {
  const config = clientConfig(
    settings({ 'linger.ms': 9, 'bootstrap.servers': 'evil:1', dr_cb: false }),
    'producer',
    { 'linger.ms': 0 },
    { dr_cb: true },
  );
  expect(config).toMatchObject({ 'linger.ms': 9, 'bootstrap.servers': 'a:1', dr_cb: true });
});

it('keeps properties of the other kind away from a client', () => {
  const all = { 'linger.ms': 1, 'fetch.wait.max.ms': 1, 'group.protocol': 'consumer', 'sasl.username': 'u' };
  expect(Object.keys(fitting(all, 'producer'))).toEqual(['linger.ms', 'sasl.username']);
  expect(Object.keys(fitting(all, 'admin'))).toEqual(['sasl.username']);
  expect(Object.keys(fitting(all, 'inbox_reader'))).toEqual(['fetch.wait.max.ms', 'sasl.username']);
  expect(Object.keys(fitting(all, 'request_consumer'))).toEqual([
    'fetch.wait.max.ms',
    'group.protocol',
    'sasl.username',
  ]);
});

it('leaves room above the largest record, below the brokers’ default limit', () => {
  expect(clientConfig(settings(), 'producer', {}, {})).toHaveProperty(['message.max.bytes'], 1_040_000);
  expect(1_040_000).toBeLessThan(1_048_588);
  expect(clientConfig(settings({}, 5_000_000), 'producer', {}, {})).toHaveProperty(['message.max.bytes'], 5_040_000);
});

it('leaves membership to the broker with group.protocol=consumer', () => {
  const ours = {
    'session.timeout.ms': 10_000,
    'partition.assignment.strategy': 'cooperative-sticky',
    'fetch.wait.max.ms': 1,
  };
  const config = clientConfig(settings({ 'group.protocol': 'consumer' }), 'request_consumer', ours, {});
  expect(config).not.toHaveProperty(['session.timeout.ms']);
  expect(config).not.toHaveProperty(['partition.assignment.strategy']);
  expect(config).toHaveProperty(['fetch.wait.max.ms'], 1);
  expect(clientConfig(settings(), 'request_consumer', ours, {})).toHaveProperty(['session.timeout.ms'], 10_000);
});

it('leaves out what was set for the other group protocol', () => {
  const given = settings({ 'session.timeout.ms': 9000, 'fetch.wait.max.ms': 7 });
  expect(withProtocol(given, 'consumer').properties).toEqual({ 'fetch.wait.max.ms': 7, 'group.protocol': 'consumer' });
  expect(withProtocol(given, 'classic').properties).toEqual({ ...given.properties, 'group.protocol': 'classic' });
});

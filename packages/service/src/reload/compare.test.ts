import { key, processorConfig, proxyConfig } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { compareConfigs } from './compare.js';
import { concerns } from './config-changes.js';

const seconds = key(z.number().default(1), { about: 'A time.', live: true });
const schema = z.strictObject({
  port: key(z.number().default(1), { about: 'A port.' }),
  timeout: seconds,
  routes: key(
    z
      .array(
        z.strictObject({
          path: key(z.string(), { about: 'A path.' }),
          fixed: key(z.string().optional(), { about: 'Fixed.', live: false }),
        }),
      )
      .default([]),
    { about: 'Routes.', live: true },
  ),
  kafka: z
    .strictObject({ properties: key(z.record(z.string(), z.string()).default({}), { about: 'Any.', live: true }) })
    .prefault({}),
});
const compare = (before: z.input<typeof schema>, after: z.input<typeof schema>) =>
  compareConfigs(schema, schema.parse(before), schema.parse(after)).map(
    ({ path, live }) => `${path.join('.')}${live ? '' : ' (restart)'}`,
  );

describe('two configurations', () => {
  it('that are the same have no changes', () => {
    expect(compare({ routes: [{ path: '/a' }] }, { routes: [{ path: '/a' }] })).toEqual([]);
  });

  it('differ by keys, which are live where they are marked', () => {
    expect(compare({}, { port: 2, timeout: 3 })).toEqual(['port (restart)', 'timeout']);
  });

  it('differ by what is in a live list, entry by entry where none came or went', () => {
    const one = { path: '/a' };
    expect(compare({ routes: [one, one] }, { routes: [one, { path: '/b' }] })).toEqual(['routes.1.path']);
    expect(compare({ routes: [one] }, { routes: [] })).toEqual(['routes']);
  });

  it('differ by what a live list has that is not', () => {
    expect(compare({ routes: [{ path: '/a' }] }, { routes: [{ path: '/a', fixed: 'x' }] })).toEqual([
      'routes.0.fixed (restart)',
    ]);
  });

  it('differ by properties, each by its name', () => {
    const before = { kafka: { properties: { 'sasl.username': 'a', 'sasl.password': 'b' } } };
    const after = { kafka: { properties: { 'sasl.username': 'a', 'sasl.password': 'c', 'linger.ms': '1' } } };
    expect(compare(before, after)).toEqual(['kafka.properties.sasl.password', 'kafka.properties.linger.ms']);
  });

  it.each([
    ['a proxy', proxyConfig, {}],
    ['a processor', processorConfig, { topics: [{ request_topic: 'a', backend_url: 'http://b' }] }],
  ] as const)('of %s are the same where the same text made them', (_tier, of, values) => {
    expect(compareConfigs(of, of.parse(values), of.parse(values))).toEqual([]);
  });
});

describe('changes', () => {
  const changes = { keys: ['topics[0].timeout'], files: [{ key: 'kafka.properties.ssl.ca.location', path: 'ca.pem' }] };

  it.each([
    ['topics', true],
    ['topics[0]', true],
    ['topics[0].timeout', true],
    ['topics[0].timeouts', false],
    ['topics[1]', false],
    ['kafka.properties', true],
    ['kafka', true],
    ['kafka.properties.ssl', true],
    ['kafka.create_topics', false],
  ])('concern %s: %s', (name, expected) => expect(concerns(changes, name)).toBe(expected));
});

import type { AdaptiveProducer, InboxReader, LinkWatch } from '@kafka-http-proxy/kafka';
import { proxyConfig } from '@kafka-http-proxy/protocol';
import { describe, expect, it, vi } from 'vitest';
import { createLinkReload } from './link-reload.js';
import { createLinkTopics } from './link-topics.js';
import { createNamedTopics } from './named-topics.js';

const FIRST = {
  kafka: { create_topics: false, properties: { 'sasl.password': 'old' } },
  routes: [{ path: '/a', request_topic: 'a', response_topic: 'a-replies' }],
};
const SECOND = { path: '/b', request_topic: 'b', response_topic: 'b-replies' };

/** A link of Kafka's fakes: what it calls is told. */
function setUp({ isOpen = true } = {}) {
  const live = createLinkTopics(proxyConfig.parse(FIRST));
  const told: string[] = [];
  const read = new Set(live.responses);
  const open = vi.fn(async (topic: string) => {
    read.add(topic);
    return { topic, partition: 0 };
  });
  const partitionsOf = vi.fn(async () => 1);
  const reader = {
    open,
    topics: () => [...read],
    release: (topic: string) => void (read.delete(topic) && told.push(`released ${topic}`)),
    reconnect: async () => void told.push('reader reconnected'),
  };
  const producer = {
    partitionsOf,
    addCodecs: async (codecs: readonly string[]) => void told.push(`codecs ${codecs.join()}`),
    renew: async () => void told.push('producer renewed'),
  };
  const prove = vi.fn<LinkWatch['prove']>(async () => undefined);
  const change: LinkWatch['change'] = ({ properties }) => told.push(`password ${properties['sasl.password']}`);
  const named = createNamedTopics({
    most: 10,
    release: reader.release,
    clock: { now: () => 0, after: () => () => {} },
  });
  const { prepare } = createLinkReload({
    live,
    settings: { bootstrapServers: '', clientId: '', properties: {}, maxRecordBytes: 1, events: {} as never },
    watch: { prove, change },
    keeper: { change: ({ needed }) => told.push(`kept ${needed.join()}`) },
    named,
    producer: () => producer as unknown as AdaptiveProducer,
    reader: () => reader as unknown as InboxReader,
    isOpen: () => isOpen,
    signal: new AbortController().signal,
  });
  return { live, told, read, open, partitionsOf, prove, prepare, named };
}

const withSecond = { ...FIRST, routes: [...FIRST.routes, SECOND] };
const renewed = { ...FIRST, kafka: { ...FIRST.kafka, properties: { 'sasl.password': 'new' } } };
const ROUTES = { keys: ['routes'], files: [] };
const PASSWORD = { keys: ['kafka.properties.sasl.password'], files: [] };

describe('a link that is to go by another configuration', () => {
  it('reads new response topics before they are in effect, and then keeps them', async () => {
    const { live, read, told, prepare } = setUp();
    const commit = await prepare(proxyConfig.parse(withSecond), ROUTES);
    expect(read.has('b-replies')).toBe(true);
    expect(live.responses.has('b-replies')).toBe(false);
    commit();
    expect(live.responses.has('b-replies')).toBe(true);
    expect(told).toContain('kept a,b,common-responses,a-replies,b-replies');
    expect(told).not.toContain('producer renewed');
  });

  it('reads what is gone until nobody waits, and no longer', async () => {
    const { read, told, prepare } = setUp();
    const release = (await prepare(proxyConfig.parse({ ...FIRST, routes: [SECOND] }), ROUTES))();
    expect(read.has('a-replies')).toBe(true);
    release();
    expect(told).toContain('released a-replies');
  });

  it('keeps what is named again meanwhile, or in use by a header', async () => {
    const { told, prepare, named } = setUp();
    const release = (await prepare(proxyConfig.parse({ ...FIRST, routes: [] }), ROUTES))();
    (await prepare(proxyConfig.parse(FIRST), ROUTES))();
    release();
    const again = (await prepare(proxyConfig.parse({ ...FIRST, routes: [] }), ROUTES))();
    named.lease('a-replies');
    again();
    expect(told).not.toContain('released a-replies');
  });

  it('is as before where a response topic can’t be opened', async () => {
    const { live, read, open, told, prepare } = setUp();
    open.mockRejectedValue(new Error('Kafka denies Read on topic b-replies'));
    await expect(prepare(proxyConfig.parse(withSecond), ROUTES)).rejects.toThrow('Kafka denies Read');
    expect(live.responses.has('b-replies')).toBe(false);
    expect([...read]).toEqual(['common-responses', 'a-replies']);
    expect(told).not.toContain('kept');
  });

  it('is as before where a request topic is not there and not ours to make', async () => {
    const { live, partitionsOf, prepare } = setUp();
    partitionsOf.mockResolvedValue(0);
    await expect(prepare(proxyConfig.parse(withSecond), ROUTES)).rejects.toThrow('topic b does not exist: make it');
    expect(live.requests.has('b')).toBe(false);
  });

  it('proves a login before the clients go on by it', async () => {
    const { told, prove, prepare } = setUp();
    prove.mockRejectedValueOnce(new Error('broker h:1 refuses the PLAIN login'));
    await expect(prepare(proxyConfig.parse(renewed), PASSWORD)).rejects.toThrow('refuses the PLAIN login');
    expect(told).toEqual([]);
    await prepare(proxyConfig.parse(renewed), PASSWORD);
    expect(told).toEqual(['password new', 'producer renewed', 'reader reconnected', 'codecs ']);
  });

  it('goes back to the login that was where a topic can’t be opened by the new one', async () => {
    const { open, told, prepare } = setUp();
    open.mockRejectedValue(new Error('timed out'));
    const both = { ...renewed, routes: withSecond.routes };
    await expect(prepare(proxyConfig.parse(both), { keys: ['routes', ...PASSWORD.keys], files: [] })).rejects.toThrow();
    expect(told.filter((line) => line.startsWith('password'))).toEqual(['password new', 'password old']);
  });

  it('takes no new topics while it is starting, but another login', async () => {
    const { told, prepare } = setUp({ isOpen: false });
    await expect(prepare(proxyConfig.parse(withSecond), ROUTES)).rejects.toThrow('the start is not done yet');
    await prepare(proxyConfig.parse(renewed), PASSWORD);
    expect(told).toContain('password new');
  });
});

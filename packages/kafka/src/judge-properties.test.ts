import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { judgeProperties, type PropertyUse } from './judge-properties.js';

const judge = (properties: PropertyUse['properties'], groupProtocol?: 'classic' | 'consumer' | 'auto') =>
  judgeProperties({ properties, maxRecordBytes: 1_000_000, ...(groupProtocol && { groupProtocol }) });

/** Key: sentence. */
const told = async (...given: Parameters<typeof judge>) =>
  (await judge(...given)).map(({ path, sentence }) => `${path.join('/')}: ${sentence}`);

describe('kafka.properties are judged by librdkafka', () => {
  it('and taken where every client of the service can be made with them', async () => {
    expect(await judge({}, 'auto')).toEqual([]);
    const secured = {
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'SCRAM-SHA-512',
      'sasl.username': 'http-proxy',
      'sasl.password': 'hunter2',
      'linger.ms': 5,
      'fetch.wait.max.ms': '10',
    };
    expect(await judge(secured, 'auto')).toEqual([]);
  });

  it('each by itself: an unknown name, and values that it can’t have', async () => {
    const properties = {
      'sasl.mechanismx': 'PLAIN',
      'security.protocol': 'SASLSSL',
      'linger.ms': -5,
      'client.rack': 'a',
    };
    expect(await told(properties)).toEqual([
      'kafka/properties/sasl.mechanismx: librdkafka refuses it: No such configuration property: "sasl.mechanismx"',
      'kafka/properties/security.protocol: librdkafka refuses it: Invalid value "SASLSSL" for configuration property "security.protocol"',
      'kafka/properties/linger.ms: librdkafka refuses it: Configuration property "queue.buffering.max.ms" value -5 is outside allowed range 0..900000',
    ]);
  });

  it('as the producer takes them: with what the service sets itself', async () => {
    expect(await told({ acks: 1 })).toEqual([
      'kafka/properties/acks: librdkafka refuses it for the producer: `acks` must be set to `all` when `enable.idempotence` is true',
    ]);
  });

  it('as consumers take them: only where the service has such a consumer', async () => {
    const properties = { 'max.poll.interval.ms': 5, 'session.timeout.ms': 10 };
    expect(await judge(properties)).toEqual([]);
    expect(await told(properties, 'classic')).toEqual([
      expect.stringContaining('max.poll.interval.ms: librdkafka refuses it for the consumer of requests: '),
    ]);
    expect(await told({ 'group.protocol': 'consumer', 'session.timeout.ms': 10_000 }, 'auto')).toEqual([
      expect.stringContaining('session.timeout.ms: librdkafka refuses it for the consumer of requests: '),
    ]);
  });

  it('together: what lacks a fellow', async () => {
    expect(await told({ 'security.protocol': 'SASL_SSL', 'sasl.mechanism': 'PLAIN' })).toEqual([
      'kafka/properties: librdkafka refuses them for the producer: sasl.username and sasl.password must be set',
    ]);
  });

  it('and of a file that is not there it says so', async () => {
    expect(await told({ 'security.protocol': 'SSL', 'ssl.ca.location': '/nowhere/ca.pem' })).toEqual([
      expect.stringMatching(/^kafka\/properties\/ssl\.ca\.location: .*ENOENT: no such file or directory/),
    ]);
  });

  it('connecting to nobody: no broker, and no endpoint of tokens', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const properties = {
      'bootstrap.servers': at,
      'metadata.broker.list': at,
      'security.protocol': 'SASL_PLAINTEXT',
      'sasl.mechanism': 'OAUTHBEARER',
      'sasl.oauthbearer.method': 'oidc',
      'sasl.oauthbearer.token.endpoint.url': `http://${at}/token`,
      'sasl.oauthbearer.client.id': 'proxy',
      'sasl.oauthbearer.client.secret': 'hunter2',
    };
    expect(await judge(properties, 'auto')).toEqual([]);
    expect(await judge({ 'bootstrap.servers': at, 'metadata.broker.list': at }, 'auto')).toEqual([]);
    // What had connected would be in the queue before this one.
    await once(connect((server.address() as AddressInfo).port, '127.0.0.1').resume(), 'close');
    expect(connections).toBe(1);
    server.close();
  });
});

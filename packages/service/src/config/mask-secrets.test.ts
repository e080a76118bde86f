import { processorConfig } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { maskSecrets } from './mask-secrets.js';

const PEM = '-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----';

const config = processorConfig.parse({
  kafka: {
    properties: {
      'security.protocol': 'SASL_SSL',
      'sasl.username': 'me',
      'sasl.password': 'hunter2',
      'ssl.key.password': 'hunter2',
      'ssl.key.location': '/tls/key.pem',
      'ssl.key.pem': 'hunter2',
      'ssl.certificate.pem': PEM,
      'sasl.jaas.config': 'hunter2',
      'sasl.oauthbearer.config': 'hunter2',
      'sasl.oauthbearer.client.secret': 'hunter2',
      'sasl.oauthbearer.token.endpoint.url': 'https://me:hunter2@idp/token',
      'sasl.oauthbearer.assertion.private.key.passphrase': 'hunter2',
    },
  },
  topics: [
    {
      request_topic: 'orders',
      backend_url: 'http://orders',
      headers: { Authorization: 'hunter2', Cookie: 'hunter2', 'X-Partner': 'hunter2' },
    },
  ],
});

describe('maskSecrets', () => {
  it('leaves no secret in what is printed', () => {
    const printed = JSON.stringify(maskSecrets(config, processorConfig));
    expect(printed).not.toContain('hunter2');
    expect(printed).not.toContain('MIIE');
  });

  it('shows the properties that are no secrets, and where secrets are', () => {
    expect(maskSecrets(config, processorConfig)).toMatchObject({
      kafka: {
        properties: {
          'security.protocol': 'SASL_SSL',
          'sasl.username': 'me',
          'sasl.password': '***',
          'ssl.key.location': '/tls/key.pem',
          'ssl.certificate.pem': '***',
          'sasl.oauthbearer.token.endpoint.url': 'https://***@idp/token',
        },
      },
      topics: [{ request_topic: 'orders', headers: { Authorization: '***', Cookie: '***', 'X-Partner': '***' } }],
    });
  });

  it('leaves the configuration itself as it was', () => {
    maskSecrets(config, processorConfig);
    expect(config.kafka.properties['sasl.password']).toBe('hunter2');
  });
});

import { proxyConfig } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { warningsOf } from './warnings.js';

/** The keys that are warned of. */
const warned = (settings: object) => warningsOf(proxyConfig.parse(settings)).map((text) => text.split(':')[0]);

describe('what a configuration is warned of', () => {
  const tls = { cert: 'c', key: 'k' };
  const auth = { api_keys: { file: 'f' } };

  it('is a client that may name any topic', () => {
    expect(warned({})).toEqual(['allowed_topics']);
    expect(warned({ allowed_topics: [] })).toEqual([]);
    expect(warned({ client_topics: 'deny' })).toEqual([]);
  });

  it('is a probe that would need a certificate', () => {
    const asking = { allowed_topics: [], tls: { ...tls, ca: 'a', client_auth: 'require' } };
    expect(warned(asking)).toEqual(['tls.client_auth']);
    expect(warned({ ...asking, management_port: 9000 })).toEqual([]);
  });

  it('is a secret that comes in the clear', () => {
    expect(warned({ allowed_topics: [], auth })).toEqual(['auth']);
    expect(warned({ allowed_topics: [], auth, tls })).toEqual([]);
    expect(warned({ allowed_topics: [], auth, trusted_proxies: ['10.0.0.1'] })).toEqual([]);
  });
});

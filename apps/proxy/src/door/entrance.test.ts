import { proxyConfig } from '@kafka-http-proxy/protocol';
import { describe, expect, it } from 'vitest';
import { createEntrance } from './entrance.js';

const NAMES = [
  'X-Forwarded-For',
  'x_forwarded_proto',
  'Forwarded',
  'X-Real-IP',
  'Client-Cert',
  'client_cert_chain',
  'X-Auth-Subject',
  'X_Auth_Subject',
  'X-API-Key',
  'Cookie',
];

/** Of some fields, those that get past. */
function passing(settings: object, trusted: boolean): string[] {
  const { drops } = createEntrance(proxyConfig.parse(settings), trusted);
  return NAMES.filter((name) => drops === null || !drops(name.toLowerCase()));
}

const auth = {
  jwt: { issuer: 'i', audience: 'a', jwks: 'f', claims: { sub: 'X-Auth-Subject' } },
  api_keys: { file: 'f' },
};

describe('the entrance', () => {
  it('lets all fields past where nothing is configured, as 1.0.1 did', () => {
    expect(passing({}, false)).toEqual(NAMES);
  });

  it('drops what strangers say of whom they speak for, in whatever spelling', () => {
    const trusting = { trusted_proxies: ['10.0.0.1'], auth };
    expect(passing(trusting, false)).toEqual(['Cookie']);
    expect(passing({ trusted_proxies: [] }, false)).toEqual([
      'X-Auth-Subject',
      'X_Auth_Subject',
      'X-API-Key',
      'Cookie',
    ]);
  });

  it('believes those who are trusted of whom they speak for, and nobody of what is ours to say', () => {
    const ours = ['X-Auth-Subject', 'X_Auth_Subject', 'X-API-Key'];
    expect(passing({ trusted_proxies: ['10.0.0.1'], auth }, true)).toEqual(
      NAMES.filter((name) => !ours.includes(name)),
    );
    expect(passing({ trusted_proxies: ['10.0.0.1'] }, true)).toEqual(NAMES);
    const forwarding = { ...auth, api_keys: { file: 'f', forward: true } };
    expect(passing({ trusted_proxies: ['10.0.0.1'], auth: forwarding }, true)).toContain('X-API-Key');
  });

  it('drops certificates of strangers wherever certificates count', () => {
    const tls = { cert: 'c', key: 'k', ca: 'a', client_auth: 'request' };
    expect(passing({ tls, auth: { mtls: {} } }, false)).not.toContain('Client-Cert');
    expect(passing({ tls, auth: { mtls: {} } }, false)).toContain('X-Forwarded-For');
  });

  it('holds fields behind a body to the same', () => {
    const entrance = createEntrance(proxyConfig.parse({ auth }), false);
    expect(entrance.trailers(['x_auth_subject', 'root', 'X-A', '1'])).toEqual(['X-A', '1']);
    expect(entrance.trailers(['X-Auth-Subject', 'root'])).toBeNull();
    expect(entrance.trailers(null)).toBeNull();
  });
});

describe('who may name topics', () => {
  const entrance = (settings: object, trusted: boolean) => createEntrance(proxyConfig.parse(settings), trusted);

  it('is everybody, as in 1.0.1', () => {
    for (const settings of [{}, { trusted_proxies: ['10.0.0.1'], client_topics: 'allow' }]) {
      expect(entrance(settings, false).takesDirectives).toBe(true);
      expect(() => entrance(settings, false).checkTopics({ topic: 'orders', replyTopic: 'replies' })).not.toThrow();
    }
  });

  it('is who is trusted, once somebody is', () => {
    for (const settings of [{ trusted_proxies: ['10.0.0.1'] }, { trusted_proxies: [], client_topics: 'trusted' }]) {
      expect(entrance(settings, false).takesDirectives).toBe(false);
      expect(entrance(settings, true).takesDirectives).toBe(true);
    }
  });

  it('is nobody where that is said, and who tries hears of it', () => {
    for (const trusted of [true, false]) {
      const { checkTopics, takesDirectives } = entrance(
        { trusted_proxies: ['10.0.0.1'], client_topics: 'deny' },
        trusted,
      );
      expect(takesDirectives).toBe(true);
      expect(() => checkTopics({ topic: 'orders' })).toThrow(expect.objectContaining({ code: 'topic_not_allowed' }));
      expect(() => checkTopics({ replyTopic: 'replies' })).toThrow('client_topics');
      expect(() => checkTopics({})).not.toThrow();
    }
  });
});

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

  it('believes those who are trusted, and keeps keys to itself all the same', () => {
    expect(passing({ trusted_proxies: ['10.0.0.1'], auth }, true)).toEqual(
      NAMES.filter((name) => name !== 'X-API-Key'),
    );
    const forwarding = { ...auth, api_keys: { file: 'f', forward: true } };
    expect(passing({ trusted_proxies: ['10.0.0.1'], auth: forwarding }, true)).toEqual(NAMES);
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
  const given = { topic: 'orders', replyTopic: 'replies', key: 'k', timeout: '1', timeLeft: '2' };
  const counts = (settings: object, trusted: boolean) =>
    createEntrance(proxyConfig.parse(settings), trusted).directives(given);

  it('is everybody, as in 1.0.1', () => {
    expect(counts({}, false)).toBe(given);
    expect(counts({ trusted_proxies: ['10.0.0.1'], client_topics: 'allow' }, false)).toBe(given);
  });

  it('is who is trusted, once somebody is; time may be taken from a request by anybody', () => {
    expect(counts({ trusted_proxies: ['10.0.0.1'] }, false)).toEqual({ timeLeft: '2' });
    expect(counts({ trusted_proxies: ['10.0.0.1'], client_topics: 'trusted' }, false)).toEqual({ timeLeft: '2' });
    expect(counts({ trusted_proxies: ['10.0.0.1'] }, true)).toBe(given);
  });

  it('is nobody where that is said, and who tries hears of it', () => {
    const denying = { trusted_proxies: ['10.0.0.1'], client_topics: 'deny' };
    for (const trusted of [true, false]) {
      expect(() => counts(denying, trusted)).toThrow(expect.objectContaining({ code: 'topic_not_allowed' }));
    }
    const { directives } = createEntrance(proxyConfig.parse(denying), false);
    expect(() => directives({ replyTopic: 'replies' })).toThrow('client_topics');
    expect(directives({ key: 'k', timeout: '1' } as object)).toEqual({ key: 'k', timeout: '1' });
  });
});

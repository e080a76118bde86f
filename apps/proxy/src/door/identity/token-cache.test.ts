import { describe, expect, it } from 'vitest';
import type { Identity } from './identity.js';
import { createTokenCache } from './token-cache.js';

const identity = (principal: string): Identity => ({ method: 'jwt', principal, scopes: new Set(), claims: [] });

describe('a cache of tokens', () => {
  it('knows a token until it expires, to the millisecond', () => {
    let now = 1000;
    const cache = createTokenCache({ now: () => now });
    const anna = identity('anna');
    cache.put({ token: 't', identity: anna, untilMs: 2000 });
    expect(cache.get('t')?.identity).toBe(anna);
    expect(cache.get('u')).toBeNull();
    now = 1999;
    expect(cache.get('t')?.identity).toBe(anna);
    now = 2000;
    expect(cache.get('t')).toBeNull();
  });

  it('holds so many tokens, and so many characters, and lets the oldest go', () => {
    const cache = createTokenCache({ maxTokens: 3, maxCharacters: 10, now: () => 0 });
    for (const token of ['a', 'b', 'c', 'd']) cache.put({ token, identity: identity(token), untilMs: 1 });
    expect(['a', 'b', 'c', 'd'].map((token) => cache.get(token)?.identity.principal)).toEqual([
      undefined,
      'b',
      'c',
      'd',
    ]);
    cache.put({ token: '123456789', identity: identity('long'), untilMs: 1 });
    expect(['b', 'c', 'd', '123456789'].map((token) => cache.get(token) !== null)).toEqual([false, false, true, true]);
    cache.put({ token: 'longer than all of it', identity: identity('none'), untilMs: 1 });
    expect(cache.get('longer than all of it')).toBeNull();
    cache.put({ token: 'e', identity: identity('e'), untilMs: 1 });
    expect(cache.get('e')?.identity.principal).toBe('e');
  });
});

import { describe, expect, it } from 'vitest';
import type { Identity } from './identity.js';
import { createTokenCache } from './token-cache.js';

const identity = (principal: string): Identity => ({ method: 'jwt', principal, scopes: new Set(), claims: [] });

describe('a cache of tokens', () => {
  it('knows a token until it expires, to the millisecond', () => {
    let now = 1000;
    const cache = createTokenCache({ now: () => now });
    const anna = identity('anna');
    cache.put('t', anna, 2000);
    expect(cache.get('t')).toBe(anna);
    expect(cache.get('u')).toBeNull();
    now = 1999;
    expect(cache.get('t')).toBe(anna);
    now = 2000;
    expect(cache.get('t')).toBeNull();
  });

  it('holds so many tokens, and so many characters, and lets the oldest go', () => {
    const cache = createTokenCache({ maxTokens: 3, maxCharacters: 10, now: () => 0 });
    for (const token of ['a', 'b', 'c', 'd']) cache.put(token, identity(token), 1);
    expect(['a', 'b', 'c', 'd'].map((token) => cache.get(token)?.principal)).toEqual([undefined, 'b', 'c', 'd']);
    cache.put('123456789', identity('long'), 1);
    expect(['b', 'c', 'd', '123456789'].map((token) => cache.get(token) !== null)).toEqual([false, false, true, true]);
    cache.put('longer than all of it', identity('none'), 1);
    expect(cache.get('longer than all of it')).toBeNull();
    cache.put('e', identity('e'), 1);
    expect(cache.get('e')?.principal).toBe('e');
  });
});

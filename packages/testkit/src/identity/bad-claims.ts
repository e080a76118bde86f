import type { BadToken, BadTokenReason } from './bad-token.js';
import { compact, type Fields, type Forge, rs256 } from './forge.js';

/** Signed as it should be, whatever it says. */
const bad = (
  name: string,
  reason: BadTokenReason,
  claims: Fields | ((now: number, forge: Forge) => Fields),
): BadToken => ({
  name,
  reason,
  token(forge) {
    const more = typeof claims === 'function' ? claims(Math.floor(Date.now() / 1000), forge) : claims;
    return compact(forge.header(), forge.issuer.claims(more), rs256(forge.issuer.keyOf('RS256')));
  },
});

/** What is wrong with the claims, for a clock skew of less than ten minutes. */
export const BAD_CLAIMS: readonly BadToken[] = [
  bad('another issuer', 'issuer', { iss: 'https://other.test' }),
  bad('the issuer with a slash more', 'issuer', (_, { issuer }) => ({ iss: `${issuer.name}/` })),
  bad('the issuer in a list', 'issuer', (_, { issuer }) => ({ iss: [issuer.name] })),
  bad('no issuer', 'issuer', { iss: undefined }),
  bad('another audience', 'audience', { aud: 'billing-api' }),
  bad('a list of other audiences', 'audience', { aud: ['billing-api', 'orders'] }),
  bad('an empty list of audiences', 'audience', { aud: [] }),
  bad('no audience', 'audience', { aud: undefined }),
  bad('expired', 'expired', (now) => ({ exp: now - 601 })),
  bad('expired at the epoch', 'expired', { exp: 0 }),
  bad('no end', 'no-expiry', { exp: undefined }),
  bad('an end that is text', 'no-expiry', { exp: '9999999999' }),
  bad('not good yet', 'not-yet', (now) => ({ nbf: now + 601 })),
  bad('made in the future', 'claims', (now) => ({ iat: now + 601 })),
  bad('a beginning that is text', 'claims', { nbf: '1' }),
  bad('no subject', 'subject', { sub: undefined }),
  bad('an empty subject', 'subject', { sub: '' }),
  bad('a subject that is a number', 'subject', { sub: 42 }),
  bad('a subject that is a list', 'subject', { sub: ['alice'] }),
  bad('a subject with a line break', 'subject', { sub: 'alice\r\nX-Admin: true' }),
  bad('a subject with a control character', 'subject', { sub: 'alice\u0000' }),
  bad('a subject that reads backwards', 'subject', { sub: 'alice\u202enimda' }),
  bad('a subject of 4000 characters', 'subject', { sub: 'a'.repeat(4000) }),
];

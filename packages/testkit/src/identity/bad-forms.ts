import type { BadToken, BadTokenReason } from './bad-token.js';
import { compact, encode, type Fields, partsOf, rs256 } from './forge.js';

/** Signed as it should be, under a header that it should not have. */
const under = (name: string, reason: BadTokenReason, fields: Fields): BadToken => ({
  name,
  reason,
  token: ({ header, issuer }) => compact(header(fields), issuer.claims(), rs256(issuer.keyOf('RS256'))),
});

/** Signed as it should be, about something else than claims. */
const about = (name: string, payload: unknown): BadToken => ({
  name,
  reason: 'form',
  token: ({ header, issuer }) => compact(header(), payload, rs256(issuer.keyOf('RS256'))),
});

/** What becomes of a good token on its way. */
const from = (
  name: string,
  reason: BadTokenReason,
  change: (token: string) => string | readonly string[],
): BadToken => ({
  name,
  reason,
  token: async ({ issuer }) => change(await issuer.token()),
});

/** What is wrong with the form. */
export const BAD_FORMS: readonly BadToken[] = [
  under('crit of something unknown', 'critical', { crit: ['exp2'], exp2: 1 }),
  under('crit of something that is not there', 'critical', { crit: ['exp2'] }),
  under('an empty crit', 'form', { crit: [] }),
  under('b64 false, crit (RFC 7797)', 'critical', { b64: false, crit: ['b64'] }),
  under('typ of a token for something else', 'type', { typ: 'secevent+jwt' }),
  under('typ of a token that says goodbye', 'type', { typ: 'logout+jwt' }),
  under('b64 false, and no crit', 'critical', { b64: false }),
  under('no alg', 'form', { alg: undefined }),
  about('claims that are no JSON', 'sub=alice'),
  about('claims that are a list', [{ sub: 'alice' }]),
  about('claims that are null', 'null'),
  about('claims that are text', '"alice"'),
  {
    name: 'a header that is no JSON',
    reason: 'form',
    token: ({ issuer }) => compact('alg=RS256', issuer.claims(), rs256(issuer.keyOf('RS256'))),
  },
  {
    name: 'a token in a token',
    reason: 'form',
    async token({ header, issuer }) {
      return compact(header({ cty: 'JWT' }), await issuer.token(), rs256(issuer.keyOf('RS256')));
    },
  },
  {
    name: 'an encrypted one (RFC 7516)',
    reason: 'form',
    token: () => [encode({ alg: 'RSA-OAEP', enc: 'A256GCM' }), 'AAAA', 'AAAA', 'AAAA', 'AAAA'].join('.'),
  },
  {
    name: 'more than 16 KiB, though the signature is good',
    reason: 'too-long',
    token: ({ issuer }) => issuer.token({ more: 'x'.repeat(16_384) }),
  },
  from('one part', 'form', (token) => partsOf(token)[1]),
  from('two parts', 'form', (token) => partsOf(token).slice(0, 2).join('.')),
  from('no header', 'form', (token) => `.${partsOf(token).slice(1).join('.')}`),
  from('padding', 'form', (token) => `${token}==`),
  {
    name: 'base64 in the place of base64url',
    reason: 'form',
    async token({ issuer }) {
      for (;;) {
        const [header, payload, signature] = partsOf(await issuer.token({ jti: Math.random() }));
        const other = signature.replaceAll('-', '+').replaceAll('_', '/');
        if (other !== signature) return `${header}.${payload}.${other}`;
      }
    },
  },
  from('dots', 'form', () => '..'),
  from('two in one field', 'form', (token) => `${token} ${token}`),
  from('a list of two in one field', 'form', (token) => `${token}, Bearer ${token}`),
  from('a blank inside', 'form', (token) => token.replace('.', '. ')),
  from('a tab behind', 'form', (token) => token.replace(/\.(?=[^.]*$)/, '.\t')),
  from('quotes around it', 'form', (token) => `"${token}"`),
  from('two fields of the same', 'twice', (token) => [token, token]),
  from('two fields, the second is good', 'twice', (token) => ['x', token]),
  from('two fields, the first is good', 'twice', (token) => [token, 'x']),
];

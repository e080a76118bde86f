import { constants, sign } from 'node:crypto';
import type { BadToken } from './bad-token.js';
import {
  compact,
  encode,
  es256,
  type Fields,
  type Forge,
  hs256,
  partsOf,
  publicForms,
  rs256,
  unsigned,
} from './forge.js';

/** Signed by the issuer's RSA key, in the way of another algorithm. */
function rsaAs(forge: Forge, alg: string, hash: string, padding: number): string {
  const { privateKey } = forge.issuer.keyOf('RS256');
  const signer = (input: Buffer) =>
    sign(hash, input, { key: privateKey, padding, saltLength: constants.RSA_PSS_SALTLEN_DIGEST });
  return compact(forge.header({ alg }), forge.issuer.claims(), signer);
}

/** Signed by a stranger, who says in the header where the key for it is. */
function withOwnKey(forge: Forge, fields: Fields): string {
  return compact(forge.header(fields), forge.issuer.claims({ sub: 'mallory' }), rs256(forge.stranger));
}

/** No signature at all, under all the names that have been got through with (RFC 8725 §2.1). */
const UNSIGNED: readonly BadToken[] = ['none', 'None', 'nOnE', ''].map((alg) => ({
  name: `alg ${JSON.stringify(alg)}`,
  reason: alg === '' ? 'form' : 'algorithm',
  token: (forge) => compact(forge.header({ alg }), forge.issuer.claims({ sub: 'mallory' }), unsigned),
}));

/** A public key is no secret (RFC 8725 §2.1). */
const CONFUSED: readonly BadToken[] = (['pem', 'der', 'jwk'] as const).map((form) => ({
  name: `HS256 with the public key as the secret, ${form}`,
  reason: 'algorithm',
  token(forge) {
    const secret = publicForms(forge.issuer.keyOf('RS256').publicKey)[form];
    return compact(forge.header({ alg: 'HS256' }), forge.issuer.claims({ sub: 'mallory' }), hs256(secret));
  },
}));

/** What is wrong with the signature, and with the key that it is checked by. */
export const BAD_SIGNATURES: readonly BadToken[] = [
  ...UNSIGNED,
  {
    name: 'alg none, with the signature of a good token',
    reason: 'algorithm',
    async token({ header, issuer }) {
      const [, payload, signature] = partsOf(await issuer.token());
      return `${encode(header({ alg: 'none' }))}.${payload}.${signature}`;
    },
  },
  ...CONFUSED,
  {
    name: 'HS256 with an empty secret',
    reason: 'algorithm',
    token: ({ header, issuer }) => compact(header({ alg: 'HS256', kid: undefined }), issuer.claims(), hs256('')),
  },
  {
    name: 'PS256 by a good key, where it is not allowed',
    reason: 'algorithm',
    token: (forge) => rsaAs(forge, 'PS256', 'SHA256', constants.RSA_PKCS1_PSS_PADDING),
  },
  {
    name: 'RS512 by a good key, where it is not allowed',
    reason: 'algorithm',
    token: (forge) => rsaAs(forge, 'RS512', 'SHA512', constants.RSA_PKCS1_PADDING),
  },
  {
    name: 'ES256 with the id of an RSA key',
    reason: 'key',
    token: ({ header, issuer }) => compact(header({ alg: 'ES256' }), issuer.claims(), es256(issuer.keyOf('ES256'))),
  },
  {
    name: 'a key that the issuer does not have',
    reason: 'key',
    token: ({ issuer, stranger }) => issuer.token({}, { key: stranger }),
  },
  {
    name: 'no key named, where several would do',
    reason: 'key',
    token: ({ header, issuer }) => compact(header({ kid: undefined }), issuer.claims(), rs256(issuer.keyOf('RS256'))),
  },
  {
    name: 'a key id that is a path',
    reason: 'key',
    token: ({ header, issuer }) => compact(header({ kid: '../../../dev/null' }), issuer.claims(), hs256('')),
  },
  {
    name: 'a key id that is no text',
    reason: 'key',
    token: ({ header, issuer }) =>
      compact(header({ kid: { $ne: null } }), issuer.claims(), rs256(issuer.keyOf('RS256'))),
  },
  {
    name: 'the id of a key, the signature of another',
    reason: 'signature',
    token: ({ header, issuer, stranger }) => compact(header(), issuer.claims(), rs256(stranger)),
  },
  {
    name: 'a key of 1024 bits, though the issuer has it',
    reason: 'key',
    token: ({ header, issuer, short }) => compact(header({ kid: short.kid }), issuer.claims(), rs256(short)),
  },
  {
    name: 'a key that is for encryption',
    reason: 'key',
    token: ({ issuer, encryption }) => issuer.token({}, { key: encryption }),
  },
  {
    name: 'a signature that is cut short',
    reason: 'signature',
    token: async ({ issuer }) => (await issuer.token()).slice(0, -8),
  },
  {
    name: 'no signature behind the last dot',
    reason: 'signature',
    async token({ issuer }) {
      const [header, payload] = partsOf(await issuer.token());
      return `${header}.${payload}.`;
    },
  },
  {
    name: 'another payload',
    reason: 'signature',
    async token({ issuer }) {
      const [header, , signature] = partsOf(await issuer.token());
      return `${header}.${encode(issuer.claims({ sub: 'mallory' }))}.${signature}`;
    },
  },
  {
    name: 'another header',
    reason: 'signature',
    async token({ header, issuer }) {
      const [, payload, signature] = partsOf(await issuer.token());
      return `${encode(header({ more: true }))}.${payload}.${signature}`;
    },
  },
  {
    name: 'ES256 with a signature in DER',
    reason: 'signature',
    token: ({ header, issuer }) => compact(header({}, 'ES256'), issuer.claims(), es256(issuer.keyOf('ES256'), 'der')),
  },
  {
    name: 'ES256 with a signature of zeros (CVE-2022-21449)',
    reason: 'signature',
    token: ({ header, issuer }) =>
      compact(header({}, 'ES256'), issuer.claims({ sub: 'mallory' }), () => Buffer.alloc(64)),
  },
  {
    name: 'its own key in jwk',
    reason: 'signature',
    token: (forge) => withOwnKey(forge, { jwk: forge.stranger.jwk }),
  },
  {
    name: 'its own key in jwk, and its id',
    reason: 'key',
    token: (forge) => withOwnKey(forge, { jwk: forge.stranger.jwk, kid: forge.stranger.kid }),
  },
  {
    name: 'a place of its own key in jku',
    reason: 'key',
    token: (forge) => withOwnKey(forge, { jku: `${forge.issuer.jwksUrl}/of-mallory`, kid: forge.stranger.kid }),
  },
  {
    name: 'a place of its own key in x5u',
    reason: 'key',
    token: (forge) => withOwnKey(forge, { x5u: `${forge.issuer.jwksUrl}/of-mallory`, kid: forge.stranger.kid }),
  },
  {
    name: 'its own certificate in x5c',
    reason: 'key',
    token: (forge) =>
      withOwnKey(forge, {
        x5c: [publicForms(forge.stranger.publicKey).der.toString('base64')],
        kid: forge.stranger.kid,
      }),
  },
];

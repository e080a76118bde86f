import { z } from 'zod';
import { isToken } from '../../header-list.js';
import { seconds } from '../keys/common.js';
import { key } from '../keys/key.js';

/** Ways to say who one is. */
export const AUTH_METHODS = ['jwt', 'api_key', 'mtls'] as const;
/** One of them. */
export type AuthMethod = (typeof AUTH_METHODS)[number];

const REQUIRE = 'none, or a list of jwt, api_key and mtls';

/** What a request has to show: one of these, or nothing. A list of none is what a variable makes of it. */
export const authRequirement = z.union(
  [
    z.literal('none'),
    z.tuple([z.literal('none')]).transform(() => 'none' as const),
    z.array(z.enum(AUTH_METHODS), REQUIRE).min(1, REQUIRE),
  ],
  REQUIRE,
);

const SCOPE = 'a scope: visible ASCII without quotes, backslashes and blanks';
/** A scope-token (RFC 6749 §3.3). */
const scope = z.string(SCOPE).regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, SCOPE);
/** Scopes, of which all are needed, or all are given. */
export const scopes = z.array(scope, 'a list of scopes');

const fieldName = z.string('a header name').refine(isToken, 'a header name');
const text = (expected: string) => z.string(expected).min(1, expected);

/**
 * Signatures that a token can have here (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2): all by a public key, so that
 * whoever can check a token can't make one.
 */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
] as const;
const ALGORITHM = `of ${ALGORITHMS.join(', ')}`;

const JWKS = 'an https:// URL, http:// of this machine, or the path of a file';
const AUDIENCES = 'an audience, or a list of them';

const jwt = z.strictObject(
  {
    issuer: key(text('the issuer, as tokens name it in iss'), {
      about: 'Who issues the tokens: their iss, character by character.',
      env: 'AUTH_JWT_ISSUER',
    }),
    audience: key(
      z.union(
        [text(AUDIENCES).transform((one) => [one]), z.array(text(AUDIENCES), AUDIENCES).min(1, AUDIENCES)],
        AUDIENCES,
      ),
      {
        about: 'Whom tokens have to be for: one of these is in their aud.',
        env: 'AUTH_JWT_AUDIENCE',
        as: 'list',
      },
    ),
    jwks: key(text(JWKS).refine(isJwks, JWKS), {
      about: 'The issuer’s public keys (RFC 7517): an address to fetch them from, or a file.',
      env: 'AUTH_JWT_JWKS',
      file: true,
    }),
    algorithms: key(
      z
        .array(z.enum(ALGORITHMS, ALGORITHM), `a list ${ALGORITHM}`)
        .min(1, `one or more ${ALGORITHM}`)
        .default(['RS256', 'ES256', 'EdDSA']),
      {
        about: 'Signatures that tokens may have.',
        env: 'AUTH_JWT_ALGORITHMS',
        as: 'list',
      },
    ),
    clock_skew: key(seconds.max(600, 'a time in seconds, 600 at most').default(60), {
      about: 'Seconds by which the issuer’s clock may differ from this one’s, either way.',
      env: 'AUTH_JWT_CLOCK_SKEW',
      as: 'number',
    }),
    forward: key(z.boolean('true or false').default(false), {
      about: 'Send the token on to Kafka and the backend, who can then use it.',
      env: 'AUTH_JWT_FORWARD',
      as: 'boolean',
    }),
    claims: key(z.record(text('the name of a claim'), fieldName).default({}), {
      about: 'Claims that backends get as header fields; what clients send under these names is dropped.',
      env: 'AUTH_JWT_CLAIMS',
      as: 'json',
    }),
  },
  'a section of issuer, audience, jwks, algorithms, clock_skew, forward and claims',
);
/** How tokens are judged. */
export type JwtConfig = z.infer<typeof jwt>;

const apiKeys = z.strictObject(
  {
    file: key(text('the path of a file'), {
      about: 'YAML or JSON: SHA-256 of each key, as hex, by the name of who has it.',
      env: 'AUTH_API_KEYS_FILE',
      file: true,
    }),
    header: key(fieldName.default('X-API-Key'), {
      about: 'Header field that clients send their key in.',
      env: 'AUTH_API_KEYS_HEADER',
    }),
    forward: key(z.boolean('true or false').default(false), {
      about: 'Send the key on to Kafka and the backend, who can then use it.',
      env: 'AUTH_API_KEYS_FORWARD',
      as: 'boolean',
    }),
  },
  'a section of file, header and forward',
);
/** Where keys are. */
export type ApiKeysConfig = z.infer<typeof apiKeys>;

const NAME = 'a distinguished name without blanks behind its commas, such as CN=shop,O=Acme';
const mtls = z.strictObject(
  {
    scopes: key(z.record(z.string(NAME).regex(/^(?:\\.|[^,\\]|,\S)+$/, NAME), scopes).default({}), {
      about: 'Scopes by the distinguished name of a certificate (RFC 4514, such as CN=shop,O=Acme).',
      env: 'AUTH_MTLS_SCOPES',
      as: 'json',
    }),
  },
  'a section of scopes',
);
/** What certificates are good for. */
export type MtlsConfig = z.infer<typeof mtls>;

/** `auth:` of the proxy: who may call. */
export const authKeys = z
  .strictObject(
    {
      require: key(authRequirement.optional(), {
        about:
          'What requests have to show where their route says nothing: one of these, or none. Left out: one of those that are configured here.',
        env: 'AUTH_REQUIRE',
        as: 'list',
      }),
      jwt: key(jwt.optional(), { about: 'Tokens of an issuer (RFC 7519), in Authorization: Bearer.' }),
      api_keys: key(apiKeys.optional(), { about: 'Keys that were given out by hand.' }),
      mtls: key(mtls.optional(), {
        about: 'Client certificates: of the TLS connection, or in Client-Cert from a trusted proxy (RFC 9440).',
      }),
    },
    'a section of require, jwt, api_keys and mtls',
  )
  .prefault({});
/** Who may call. */
export type AuthConfig = z.infer<typeof authKeys>;

/** True for an address that keys can be had from safely, and for what is no address: a path. */
function isJwks(source: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(source)) return true;
  if (!URL.canParse(source)) return false;
  const { protocol, hostname, username, password } = new URL(source);
  if (username !== '' || password !== '') return false;
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname));
}
const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

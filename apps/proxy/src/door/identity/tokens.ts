import { BridgeError, type HeaderList, isFieldValue, isPrincipal, type JwtConfig } from '@kafka-http-proxy/protocol';
import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { BadCredentials, CannotJudge, type Identity } from './identity.js';
import type { IssuerKeys } from './keys.js';
import { createTokenCache, type GoodToken, type TokenCacheOptions } from './token-cache.js';

/** Judges bearer tokens. */
export interface Tokens {
  /**
   * @param by what it is shown by, such as a connection: who shows the same again is known faster
   * @returns at once where the token is known
   * @throws {BadCredentials} {@link CannotJudge} where there are no keys; {BridgeError} `overloaded`
   */
  judge(token: string, by: object): Identity | Promise<Identity>;
}

/** Longest token that is looked at, characters. */
const MAX_TOKEN = 16_384;
/** Most tokens whose signatures are checked at once: each keeps a processor busy for a third of a millisecond. */
const MAX_UNDER_WAY = 500;
/** Longest value of a claim that a backend gets, characters. */
const MAX_CLAIM = 4096;

/** What `typ` may say of a token that is to be shown here (RFC 7519 §5.1, RFC 9068 §2.1): others were made for something else. */
const TYPES: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'at+jwt', 'application/jwt', 'application/at+jwt']);

/**
 * Judges tokens of an issuer (RFC 7519, with the advice of RFC 8725), and remembers the good ones until they expire.
 *
 * @example
 * const tokens = createTokens(config.auth.jwt, keys);
 * const identity = await tokens.judge(token, socket); // { principal: '248289761001@https://idp.example', ... }
 */
export function createTokens(config: JwtConfig, keys: IssuerKeys, cacheOptions: TokenCacheOptions = {}): Tokens {
  const { now = Date.now } = cacheOptions;
  let cache = createTokenCache(cacheOptions);
  // To compare a token takes a tenth of the time of looking it up, for which all of it is hashed.
  let shown = new WeakMap<object, GoodToken>();
  let withdrawn = keys.withdrawn();
  const underWay = new Map<string, Promise<Identity>>();
  const verify = async (token: string): Promise<Identity> => {
    checkHeader(token);
    const before = keys.withdrawn();
    const { payload } = await jwtVerify(token, keys.keyOf, {
      issuer: config.issuer,
      audience: config.audience,
      algorithms: config.algorithms,
      clockTolerance: config.clock_skew,
      currentDate: new Date(now()),
      requiredClaims: ['exp', 'sub'],
    });
    const { exp = 0, iat = 0 } = payload;
    if (iat > now() / 1000 + config.clock_skew) throw new BadCredentials('The token was issued in the future (iat).');
    const identity: Identity = {
      method: 'jwt',
      principal: principalOf(payload, config.issuer),
      scopes: scopesOf(payload),
      claims: claimFields(payload, config.claims),
    };
    // Its key may have been taken away meanwhile.
    const untilMs = (exp + config.clock_skew) * 1000;
    if (keys.withdrawn() === before) cache.put({ token, identity, untilMs });
    return identity;
  };
  return {
    judge(token, by) {
      if (keys.withdrawn() !== withdrawn) {
        withdrawn = keys.withdrawn();
        cache = createTokenCache(cacheOptions);
        shown = new WeakMap();
      }
      const last = shown.get(by);
      if (last !== undefined && last.token === token && now() < last.untilMs) return last.identity;
      const known = cache.get(token);
      if (known !== null) {
        shown.set(by, known);
        return known.identity;
      }
      if (token.length > MAX_TOKEN) throw new BadCredentials(`The token is longer than ${MAX_TOKEN} characters.`);
      const running = underWay.get(token);
      if (running !== undefined) return running;
      if (underWay.size >= MAX_UNDER_WAY) {
        throw new BridgeError('overloaded', 'More new tokens are shown at once than can be checked.');
      }
      const judged = verify(token)
        .catch((error: unknown) => {
          throw asReason(error);
        })
        .finally(() => underWay.delete(token));
      underWay.set(token, judged);
      return judged;
    },
  };
}

/** JWS Compact Serialization (RFC 7515 §7.1): base64url without padding, so that a token has one form. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

function checkHeader(token: string): void {
  if (!COMPACT.test(token)) throw new BadCredentials('The token is malformed.');
  const { typ, b64 } = decodeProtectedHeader(token);
  // RFC 7797 §6: it is for content that is no token.
  if (b64 !== undefined) throw new BadCredentials('The token has b64 in its header, which tokens have not.');
  if (!TYPES.has(typeof typ === 'string' ? typ.toLowerCase() : typ)) {
    throw new BadCredentials('The token is of another type than JWT or at+jwt (typ).');
  }
}

function principalOf({ sub }: JWTPayload, issuer: string): string {
  const principal = `${sub}@${issuer}`;
  if (typeof sub !== 'string' || sub === '' || !isPrincipal(principal)) {
    throw new BadCredentials('The token names nobody that can be named (sub).');
  }
  return principal;
}

/** `scope` as text with blanks (RFC 8693 §4.2), or `scp` as a list or text, which some issuers have instead. */
function scopesOf(payload: JWTPayload): ReadonlySet<string> {
  const { scope = payload.scp } = payload;
  const list: unknown[] = Array.isArray(scope) ? scope : typeof scope === 'string' ? scope.split(' ') : [];
  return new Set(list.filter((one): one is string => typeof one === 'string' && one !== ''));
}

/** Fields of a header hold bytes: other characters are written in UTF-8. What can't stand in one is left out. */
function claimFields(payload: JWTPayload, names: JwtConfig['claims']): HeaderList {
  return Object.entries(names).flatMap(([claim, field]) => {
    const found = Object.hasOwn(payload, claim) ? payload[claim] : undefined;
    const text = claimText(found);
    if (text === null || text.length > MAX_CLAIM) return [];
    const value = Buffer.from(text, 'utf8').toString('latin1');
    return isFieldValue(value) ? [field, value] : [];
  });
}

function claimText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value.join(',');
  return value === undefined || value === null ? null : JSON.stringify(value);
}

/** An error of jose's in words for the client: never what is in a token or a key. */
function asReason(error: unknown): Error {
  if (error instanceof BadCredentials || error instanceof CannotJudge) return error;
  return new BadCredentials(reasonOf(error), { cause: error });
}

function reasonOf(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired (exp).';
  if (error instanceof errors.JWTClaimValidationFailed) {
    const said = CLAIMS[error.claim] ?? `has no right ${error.claim}`;
    return error.reason === 'missing' ? `The token has no ${error.claim}.` : `The token ${said}.`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'The token is signed in a way that is not taken here (alg).';
  if (error instanceof errors.JWKSNoMatchingKey) return 'The issuer has no key as the token names it (kid).';
  if (error instanceof errors.JWKSMultipleMatchingKeys)
    return 'The token does not say which key it is signed by (kid).';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'The signature of the token is not right.';
  if (error instanceof errors.JOSENotSupported)
    return 'The token asks for something that is not known here (crit or alg).';
  if (error instanceof errors.JOSEError || error instanceof SyntaxError) return 'The token is malformed.';
  // jose throws a TypeError for what is no token, and for keys that are too short.
  return 'The token is malformed, or its key is not to be relied on.';
}

const CLAIMS: Readonly<Record<string, string>> = {
  iss: 'is of another issuer (iss)',
  aud: 'is for somebody else (aud)',
  nbf: 'is not valid yet (nbf)',
  exp: 'has an exp that is no time',
};

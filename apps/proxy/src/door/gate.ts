import type { Socket } from 'node:net';
import { type AuthMethod, BridgeError, type HeaderList } from '@kafka-http-proxy/protocol';
import { noCredentials, refused, tooLittle } from './challenges.js';
import type { Entrance } from './entrance.js';
import type { ApiKeys } from './identity/api-keys.js';
import type { Certificates } from './identity/certificates.js';
import { BadCredentials, CannotJudge, type Identity } from './identity/identity.js';
import type { Tokens } from './identity/tokens.js';
import type { Requirement } from './requirement.js';

/** Who can be recognised, and by what; null where a way is not configured. */
export interface Recognition {
  readonly tokens: (Tokens & { readonly forward: boolean }) | null;
  readonly apiKeys: { readonly whoHas: ApiKeys; readonly lowerName: string; readonly name: string } | null;
  readonly certificates: Certificates | null;
}

/** Who knocks. */
export interface Visitor {
  readonly socket: Socket;
  /** As they came: what the entrance drops is still there. */
  readonly headers: HeaderList;
  readonly entrance: Entrance;
}

/** Hears of each judgement, for metrics. */
export type Judged = (
  method: AuthMethod | 'none',
  result: 'ok' | 'missing' | 'invalid' | 'forbidden' | 'unavailable',
) => void;

/**
 * Lets a request through, or not.
 *
 * @returns who sent it; at once where that is known already
 * @throws {BridgeError} `unauthenticated`, `forbidden`, `auth_unavailable`, `overloaded`; the promise rejects likewise
 */
export type Gate = (visitor: Visitor, requirement: Requirement) => Identity | Promise<Identity>;

/**
 * Of the ways that a route takes, the first counts that the client has chosen: a bad token is refused, whatever else
 * comes with it.
 *
 * @example
 * const gate = createGate({ tokens, apiKeys: null, certificates: null }, judged);
 * const { principal } = await gate({ socket, headers, entrance }, { methods: ['jwt'], scopes: ['orders:write'] });
 */
export function createGate(recognition: Recognition, judged: Judged): Gate {
  const { apiKeys } = recognition;

  const check = (identity: Identity, { scopes }: Requirement): Identity => {
    for (const scope of scopes) {
      if (identity.scopes.has(scope)) continue;
      judged(identity.method, 'forbidden');
      throw tooLittle(identity.method, scopes);
    }
    judged(identity.method, 'ok');
    return identity;
  };
  const fail = (method: AuthMethod, error: unknown): never => {
    if (error instanceof BadCredentials) {
      judged(method, 'invalid');
      throw refused(method, error.message, apiKeys?.name);
    }
    if (error instanceof CannotJudge) {
      judged(method, 'unavailable');
      throw new BridgeError('auth_unavailable', error.message);
    }
    throw error;
  };

  return (visitor, requirement) => {
    const methods = requirement.methods ?? [];
    for (const method of methods) {
      try {
        const found = WAYS[method](visitor, recognition);
        if (found === null) continue;
        if (!(found instanceof Promise)) return check(found, requirement);
        return found.then(
          (identity) => check(identity, requirement),
          (error: unknown) => fail(method, error),
        );
      } catch (error) {
        return fail(method, error);
      }
    }
    judged('none', 'missing');
    throw noCredentials(methods, apiKeys?.name);
  };
}

/** Who a client is by one way; null where it hasn't chosen it. @throws {BadCredentials} {@link CannotJudge} */
type Way = (visitor: Visitor, recognition: Recognition) => Identity | Promise<Identity> | null;

const WAYS: Readonly<Record<AuthMethod, Way>> = {
  jwt({ socket, headers }, { tokens }) {
    const field = only(headers, 'authorization', 'Authorization');
    if (tokens === null || field === null) return null;
    // RFC 9110 §11.1: the name of a scheme may be in capitals or not.
    if (field.length < 7 || field.slice(0, 6).toLowerCase() !== 'bearer' || field[6] !== ' ') return null;
    const token = field.slice(7).trim();
    return tokens.judge(token, socket);
  },
  api_key({ headers }, { apiKeys }) {
    const key = apiKeys === null ? null : only(headers, apiKeys.lowerName, apiKeys.name);
    return apiKeys === null || key === null || key === '' ? null : apiKeys.whoHas(key);
  },
  mtls({ socket, headers, entrance }, { certificates }) {
    if (certificates === null) return null;
    // The certificate of a proxy's connection is the proxy's: whom it speaks for is in the field.
    if (!entrance.trusted) return certificates.ofConnection(socket);
    const field = only(headers, 'client-cert', 'Client-Cert');
    return field === null || field === '' ? null : certificates.ofField(field);
  },
};

/** The value of a field that may be there once; null where it is not. @throws {BadCredentials} */
function only(headers: HeaderList, lowerName: string, shown: string): string | null {
  let found: string | null = null;
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string;
    if (name.length !== lowerName.length || name.toLowerCase() !== lowerName) continue;
    if (found !== null) throw new BadCredentials(`${shown} was sent more than once.`);
    found = headers[i + 1] as string;
  }
  return found;
}

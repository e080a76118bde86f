import type { z } from 'zod';
import { AUTH_METHODS, type AuthConfig, type AuthMethod } from './auth.js';
import type { CorsConfig } from './cors.js';
import type { TlsConfig } from './tls.js';

/** What of a proxy's configuration its checks of the door look at. */
interface Door {
  readonly auth: AuthConfig;
  readonly tls?: Pick<TlsConfig, 'client_auth'> | undefined;
  readonly cors?: CorsConfig | undefined;
  readonly trusted_proxies?: readonly string[] | undefined;
  readonly client_topics?: 'allow' | 'trusted' | 'deny' | undefined;
  readonly routes: readonly {
    readonly auth?: 'none' | readonly AuthMethod[] | undefined;
    readonly scopes?: readonly string[] | undefined;
  }[];
}

/** What requests have to show where their route says nothing. */
export function defaultRequirement({ auth }: Pick<Door, 'auth'>): readonly AuthMethod[] {
  if (auth.require === 'none') return [];
  return auth.require ?? AUTH_METHODS.filter((method) => sectionOf(auth, method) !== undefined);
}

/** Where a method is configured; undefined where it isn't. */
function sectionOf(auth: AuthConfig, method: AuthMethod): unknown {
  return auth[SECTIONS[method]];
}
const SECTIONS = { jwt: 'jwt', api_key: 'api_keys', mtls: 'mtls' } as const;

/** What is said of the door has to be possible: nobody is to believe in a lock that isn't there. */
export function checkDoor(config: Door, context: z.core.$RefinementCtx): void {
  const refuse = (path: (string | number)[], message: string): void =>
    context.addIssue({ code: 'custom', path, message });
  const { auth, tls, routes, trusted_proxies: trusted, client_topics: topics } = config;
  const needs = (path: (string | number)[], methods: 'none' | readonly AuthMethod[] | undefined): void => {
    for (const method of methods === 'none' ? [] : (methods ?? [])) {
      if (sectionOf(auth, method) === undefined)
        refuse(path, `only what is configured: auth.${SECTIONS[method]} is not`);
    }
  };
  needs(['auth', 'require'], auth.require);
  for (const [i, route] of routes.entries()) {
    needs(['routes', i, 'auth'], route.auth);
    const required = route.auth ?? defaultRequirement(config);
    if ((route.scopes ?? []).length > 0 && (required === 'none' || required.length === 0)) {
      refuse(['routes', i, 'scopes'], 'scopes only where auth asks for more than none');
    }
  }
  const asksForCertificates = tls !== undefined && tls.client_auth !== 'none';
  if (auth.mtls !== undefined && !asksForCertificates && (trusted ?? []).length === 0) {
    refuse(
      ['auth', 'mtls'],
      'certificates to look at: tls.client_auth request or require, or trusted_proxies that pass them on',
    );
  }
  if (topics === 'trusted' && trusted === undefined) {
    refuse(['client_topics'], 'allow or deny where trusted_proxies is not set');
  }
  const taken = new Set<string>();
  const checkField = (path: string[], field: string): void => {
    // Backends by CGI's rules take X_User for X-User.
    const name = field.toLowerCase().replaceAll('_', '-');
    if (RESERVED.test(name)) refuse(path, 'a field that has no meaning of its own');
    else if (taken.has(name)) refuse(path, 'a field that nothing else here has');
    taken.add(name);
  };
  if (auth.api_keys !== undefined) checkField(['auth', 'api_keys', 'header'], auth.api_keys.header);
  for (const [claim, field] of Object.entries(auth.jwt?.claims ?? {})) {
    checkField(['auth', 'jwt', 'claims', claim], field);
  }
}

/** Fields that decide how a message is read, where it goes, or that say something else of it. */
const RESERVED =
  /^(?:x-kafka-.*|x-forwarded-.*|accept.*|access-control-.*|authorization|cache-control|client-cert.*|connection|content-.*|cookie|date|expect|forwarded|host|http2-settings|idempotency-key|if-.*|keep-alive|max-forwards|origin|proxy-.*|range|referer|set-cookie|te|trace(?:parent|state)|trailer|transfer-encoding|upgrade|user-agent|via|x-http-method.*|x-original-method|x-real-ip|x-request-id)$/;

import { type CorsConfig, type HeaderList, headerValue, isToken, type ProxyConfig } from '@kafka-http-proxy/protocol';
import { type RouteFinder, routeFinder } from '../configured.js';
import type { AskedFor, Browsers } from '../egress/browsers.js';

/** What of the configuration it is made of. */
export type CorsOf = Pick<ProxyConfig, 'cors' | 'routes'>;

/** What browsers are told, by the configuration. */
export interface ConfiguredBrowsers extends Browsers {
  /**
   * True for a preflight (Fetch, “CORS-preflight request”) that its browser sends for a page which may read here, to a
   * route that says so itself. Browsers send no credentials with one, no body and no X-Kafka-*: whatever has any of them
   * is none, and no way past the door.
   */
  isPreflight(request: AskedFor): boolean;
  /** Goes by another configuration. */
  change(config: CorsOf): void;
}

const PREFLIGHT_METHOD = 'access-control-request-method';
const PREFLIGHT_FIELDS = 'access-control-request-headers';
/** What no page may read unless it is said (Fetch, “CORS-safelisted response-header name”). */
const EXPOSED = ['Retry-After', 'RateLimit', 'RateLimit-Policy'];

/**
 * Tells browsers by the route that a request goes by: a preflight by that of the request that it is about.
 *
 * @example
 * const browsers = createBrowsers(config);
 * browsers.problem({ method: 'GET', target: '/orders', headers: ['Origin', 'https://shop.example'] });
 * // ['Vary', 'Origin', 'Access-Control-Allow-Origin', 'https://shop.example', ...]
 */
export function createBrowsers(first: CorsOf): ConfiguredBrowsers {
  let config: CorsOf;
  let find: RouteFinder;
  let isNone: boolean;
  const change = (next: CorsOf): void => {
    config = next;
    find = routeFinder(next.routes);
    isNone = next.cors === undefined && next.routes.every(({ cors }) => cors === undefined);
  };
  change(first);
  const ownSection = (method: string, target: string): CorsConfig | null => {
    const own = find(method, originForm(target))?.cors;
    return own === 'none' ? null : (own ?? config.cors ?? null);
  };
  const sectionFor = ({ method, target, headers }: AskedFor): CorsConfig | null => {
    if (isNone) return null;
    const meant = method === 'OPTIONS' ? headerValue(headers, PREFLIGHT_METHOD) : undefined;
    return ownSection(meant ?? method, target);
  };
  const preflight = (request: AskedFor): CorsConfig | null => {
    if (request.method !== 'OPTIONS') return null;
    const section = sectionFor(request);
    return section !== null && isPreflightOf(section, request.headers) ? section : null;
  };
  return {
    problem(request) {
      const section = sectionFor(request);
      if (section === null) return NO_FIELDS;
      const granting = preflight(request);
      if (granting?.max_age !== undefined) return grantFields(granting, granting.max_age, request.headers);
      return problemFields(section, headerValue(request.headers, 'origin'));
    },
    grants: (request) => preflight(request)?.max_age !== undefined,
    isPreflight(request) {
      if (preflight(request) === null) return false;
      const { method, target, headers } = request;
      const way = ownSection(method, target);
      return way !== null && isPreflightOf(way, headers) && !headers.some((name, i) => i % 2 === 0 && isNever(name));
    },
    change,
  };
}

const NO_FIELDS: HeaderList = [];

/** Names of fields with commas between them (Fetch, “CORS-unsafe request-header names”). */
const FIELD_NAMES = /^[!#$%&'*+\-.^_`|~0-9A-Za-z, ]*$/;

/** Credentials, topics, and what backends take for another method. */
const NEVER = /^(?:authorization|cookie|x-api-key|x-http-method|x-http-method-override|x-method-override|x-kafka-.*)$/i;

/** What no browser sends with a preflight. */
function isNever(name: string): boolean {
  return NEVER.test(name);
}

function isPreflightOf(section: CorsConfig, headers: HeaderList): boolean {
  const origin = headerValue(headers, 'origin');
  if (origin === undefined || allowedOrigin(section, origin) === null) return false;
  if (!isToken(headerValue(headers, PREFLIGHT_METHOD) ?? '')) return false;
  // They are said again in the answer.
  if (!FIELD_NAMES.test(headerValue(headers, PREFLIGHT_FIELDS) ?? '')) return false;
  return (
    (headerValue(headers, 'content-length') ?? '0') === '0' && headerValue(headers, 'transfer-encoding') === undefined
  );
}

/** The value of Access-Control-Allow-Origin; null where it may not read. */
function allowedOrigin({ origins }: CorsConfig, origin: string | undefined): string | null {
  if (origins[0] === '*') return '*';
  return origin !== undefined && origins.includes(origin) ? origin : null;
}

function originFields(section: CorsConfig, origin: string | undefined, vary: string): string[] {
  const allowed = allowedOrigin(section, origin);
  // Without the field too it was the origin that decided (Fetch, “CORS protocol and HTTP caches”).
  const fields = allowed === '*' && vary === '' ? [] : ['Vary', `Origin${vary}`];
  if (allowed === null) return fields;
  fields.push('Access-Control-Allow-Origin', allowed);
  if (section.credentials) fields.push('Access-Control-Allow-Credentials', 'true');
  return fields;
}

function problemFields(section: CorsConfig, origin: string | undefined): HeaderList {
  const fields = originFields(section, origin, '');
  if (allowedOrigin(section, origin) === null) return fields;
  return [...fields, 'Access-Control-Expose-Headers', [...EXPOSED, ...section.expose].join(', ')];
}

function grantFields(section: CorsConfig, maxAge: number, headers: HeaderList): HeaderList {
  const vary = ', Access-Control-Request-Method, Access-Control-Request-Headers';
  const fields = originFields(section, headerValue(headers, 'origin'), vary);
  fields.push('Access-Control-Allow-Methods', headerValue(headers, PREFLIGHT_METHOD) as string);
  const asked = headerValue(headers, PREFLIGHT_FIELDS);
  if (asked) fields.push('Access-Control-Allow-Headers', asked);
  fields.push('Access-Control-Max-Age', String(maxAge));
  return fields;
}

/** The path of an absolute form; what is no such form stays as it is. */
function originForm(target: string): string {
  return target.startsWith('/') ? target : target.replace(/^https?:\/\/[^/?#]*/i, '');
}

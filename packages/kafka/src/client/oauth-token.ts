import { readFile } from 'node:fs/promises';
import type { KafkaSettings } from '../port/settings.js';
import type { RdConfig } from './librdkafka.js';

/*
 * SASL/OAUTHBEARER with client credentials, by librdkafka's own property names
 * (`sasl.oauthbearer.method: oidc`). librdkafka would fetch the token with libcurl, which builds
 * from source often lack; so it is fetched here, the same way in every build.
 */

/** What `oauthbearer_token_refresh_cb` of the package resolves with. */
export interface OauthToken {
  readonly tokenValue: string;
  /** When it ends, ms since the epoch. */
  readonly lifetime: number;
  readonly principal: string;
  readonly extensions: Readonly<Record<string, string>>;
}

type Properties = KafkaSettings['properties'];

const PREFIX = 'sasl.oauthbearer.';

/** Those of librdkafka's properties that are ours here; it refuses them without libcurl. */
const OURS = [
  'method',
  'grant.type',
  'token.endpoint.url',
  'client.id',
  'client.credentials.client.id',
  'client.secret',
  'client.credentials.client.secret',
  'scope',
  'extensions',
];

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1_000_000;

/** The properties with the token's callback for those that tell how to get it; as they are where librdkafka does that. */
export function withTokens(properties: RdConfig): RdConfig {
  const get = (name: string) => properties[PREFIX + name];
  const ours =
    String(get('method') ?? '').toLowerCase() === 'oidc' &&
    String(get('grant.type') ?? 'client_credentials') === 'client_credentials' &&
    String(get('metadata.authentication.type') ?? 'none') === 'none' &&
    get('token.endpoint.url') !== undefined;
  if (!ours) return properties;
  const dropped = new Set(OURS.map((name) => PREFIX + name));
  const rest = Object.entries(properties).filter(([name]) => !dropped.has(name) && !name.startsWith('https.ca.'));
  return {
    ...Object.fromEntries(rest),
    oauthbearer_token_refresh_cb: () => fetchToken(properties as Properties),
  };
}

/**
 * Gets a token by client credentials (RFC 6749, section 4.4).
 *
 * @throws {Error} saying what the endpoint answered; never with the secret or the token in it
 */
export async function fetchToken(properties: Properties, now = Date.now()): Promise<OauthToken> {
  const get = (name: string) => text(properties[PREFIX + name]);
  const url = get('token.endpoint.url') ?? '';
  const client = get('client.id') ?? get('client.credentials.client.id') ?? '';
  const secret = get('client.secret') ?? get('client.credentials.client.secret') ?? '';
  const scope = get('scope');
  const form = { grant_type: 'client_credentials', ...(scope && { scope }) };
  const failed = (why: string) => new Error(`no token for client ${client} from ${url}: ${why}`);

  const { status, body } = await post(
    url,
    `${encodeURIComponent(client)}:${encodeURIComponent(secret)}`,
    form,
    properties,
  ).catch((error: Error) => {
    throw failed(error.message);
  });
  const answer = parse(body);
  const error = typeof answer.error === 'string' ? ` ${answer.error}` : '';
  if (status !== 200) {
    throw failed(`it answered ${status}${error}. Check sasl.oauthbearer.client.id and sasl.oauthbearer.client.secret`);
  }
  const { access_token: tokenValue, expires_in: seconds } = answer;
  if (typeof tokenValue !== 'string') throw failed('its answer has no access_token');
  const claims = parse(Buffer.from(tokenValue.split('.')[1] ?? '', 'base64url').toString());
  const lifetime = typeof claims.exp === 'number' ? claims.exp * 1000 : now + (Number(seconds) || 0) * 1000;
  if (lifetime <= now) throw failed('the token has ended already: do the clocks agree?');
  return {
    tokenValue,
    lifetime,
    principal: typeof claims.sub === 'string' ? claims.sub : client,
    extensions: extensionsOf(get('extensions')),
  };
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function post(
  url: string,
  credentials: string,
  form: Record<string, string>,
  properties: Properties,
): Promise<Answer> {
  // Loaded here, since few processes log in this way.
  const { got } = await import('got');
  const ca = await authorities(properties);
  const tooLong = new AbortController();
  const asked = got.post(url, {
    headers: {
      accept: 'application/json',
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      'user-agent': undefined,
    },
    form,
    decompress: false,
    throwHttpErrors: false,
    // Where a redirect points to is nobody that the operator gave the secret for.
    followRedirect: false,
    // librdkafka asks again by itself.
    retry: { limit: 0 },
    timeout: { request: TIMEOUT_MS },
    signal: tooLong.signal,
    ...(ca !== undefined && { https: { certificateAuthority: ca } }),
  });
  void asked.on('downloadProgress', ({ transferred }) => {
    if (transferred > MAX_BYTES) tooLong.abort();
  });
  const { statusCode, body } = await asked.catch((error: Error) => {
    throw tooLong.signal.aborted ? new Error('its answer is too long') : error;
  });
  return { status: statusCode, body };
}

async function authorities(properties: Properties): Promise<string | undefined> {
  const location = text(properties['https.ca.location']);
  return location === undefined ? text(properties['https.ca.pem']) : await readFile(location, 'utf8');
}

/** `name=value,name=value`, as librdkafka has them (KIP-342). */
function extensionsOf(list: string | undefined): Record<string, string> {
  const pairs = (list ?? '').split(',').filter((pair) => pair.includes('='));
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

function parse(json: string): Record<string, unknown> {
  try {
    return (JSON.parse(json) ?? {}) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function text(value: string | number | boolean | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

import { BridgeError, type HeaderList, type ProxyConfig } from '@kafka-http-proxy/protocol';

/** What of a request's fields counts, by who hands it over. */
export interface Entrance {
  /** True where a trusted proxy hands it over. */
  readonly trusted: boolean;
  /** True for the lower-case name of a field that does not get past here; null: all do. */
  readonly drops: ((lowerName: string) => boolean) | null;
  /** False: of the X-Kafka-* fields only that counts which shortens the time of a request; the others are as if not sent. */
  readonly takesDirectives: boolean;
  /** Refuses who names topics where nobody may. @throws {BridgeError} `topic_not_allowed` */
  checkTopics(given: TopicFields): void;
  /** Fields behind a body, without those that would not have got past here before it. */
  trailers(fields: HeaderList | null): HeaderList | null;
}

/** Fields of a request that say where it goes. */
interface TopicFields {
  readonly topic?: string;
  readonly replyTopic?: string;
}

/** What of the configuration decides it. */
export type EntranceConfig = Pick<ProxyConfig, 'trusted_proxies' | 'client_topics' | 'auth'>;

/** Who handed a request on, or whom it is from, as a proxy in front says it (RFC 7239 §4; RFC 9440 §2). */
const FORWARDING = new Set(['forwarded', 'x-real-ip']);
const CERTIFICATE = new Set(['client-cert', 'client-cert-chain']);

/**
 * Makes the rules for those who are trusted, or for all others.
 *
 * @example
 * const entrance = createEntrance(config, false);
 * const headers = endToEnd(request.rawHeaders, entrance.drops);
 */
export function createEntrance(config: EntranceConfig, trusted: boolean): Entrance {
  const { auth, trusted_proxies: proxies } = config;
  const topics = config.client_topics ?? (proxies === undefined ? 'allow' : 'trusted');
  const judges = proxies !== undefined;
  const claims = new Set(Object.values(auth.jwt?.claims ?? {}).map(plainName));
  const apiKey = auth.api_keys === undefined || auth.api_keys.forward ? null : plainName(auth.api_keys.header);
  const dropsCertificate = !trusted && (judges || auth.mtls !== undefined);
  const dropsForwarding = !trusted && judges;
  const drops = (lowerName: string): boolean => {
    const name = plainName(lowerName);
    // Whoever hands it over: what is said there of a client is said by this proxy.
    if (name === apiKey || claims.has(name)) return true;
    if (dropsCertificate && CERTIFICATE.has(name)) return true;
    return dropsForwarding && (name.startsWith('x-forwarded-') || FORWARDING.has(name));
  };
  const dropsNothing = apiKey === null && claims.size === 0 && !dropsCertificate && !dropsForwarding;
  return {
    trusted,
    drops: dropsNothing ? null : drops,
    takesDirectives: topics !== 'trusted' || trusted,
    checkTopics({ topic, replyTopic }) {
      if (topics !== 'deny' || (topic === undefined && replyTopic === undefined)) return;
      throw new BridgeError('topic_not_allowed', 'Requests cannot name topics here (client_topics).');
    },
    trailers: (fields) => (fields === null || dropsNothing ? fields : without(fields, drops)),
  };
}

/** Backends take X_Auth_Subject for X-Auth-Subject, as CGI named them both (RFC 3875 §4.1.18): so do these rules. */
function plainName(name: string): string {
  return name.toLowerCase().replaceAll('_', '-');
}

function without(fields: HeaderList, drops: (lowerName: string) => boolean): HeaderList | null {
  const kept: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (!drops(name.toLowerCase())) kept.push(name, fields[i + 1] as string);
  }
  return kept.length === 0 ? null : kept;
}

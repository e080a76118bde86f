import type { KafkaSettings } from '../port/settings.js';

/** Why a broker could not be used: by its own words, or by librdkafka's. */
export interface BrokerFailure {
  /** host:port. */
  readonly broker: string;
  /** `login`: SASL. `tls`: a certificate, or no TLS at all. `connection`: the network. */
  readonly kind: 'login' | 'tls' | 'connection';
  readonly reason: string;
}

/**
 * A line of librdkafka's log for a connection that failed:
 * `FAIL [thrd:ssl://h:1/bootstrap]: ssl://h:1/bootstrap: reason (after 3ms in state CONNECT)`.
 * The group coordinator's begins with a name, and has the address in front of the reason.
 */
const LINE =
  /^FAIL \[thrd:.*?\]: (?:\w+:\/\/)?(\S+?)(?:\/\w+)?: (?:(\S+:\d+): )?(.*?)(?: \(after \d+ms in state (\w+).*\))?$/s;

/** What of an OpenSSL error is for its programmers. */
const NOISE = /(?:\S+\.c:\d+:\w+: )?error:[0-9A-F]+:SSL routines:[^:]*:/g;

/** The failure that a line of librdkafka's log reports; null for other lines. */
export function brokerFailure(line: string): BrokerFailure | null {
  const [, name, address, text = '', state = ''] = LINE.exec(line) ?? [];
  if (name === undefined) return null;
  const reason = text.replace(NOISE, '').replace('during re-authentication', 'during authentication').trim();
  return { broker: address ?? name, kind: kindOf(reason, state), reason };
}

/** How a connection ends that nobody explains. */
const HUNG_UP = /^Disconnected|connection (?:closed|reset)|transport failure|timed out/i;

/** States in which a broker that hangs up may have refused the client's certificate: before any login. */
const EARLY = new Set(['SSL_HANDSHAKE', 'APIVERSION_QUERY']);

function kindOf(reason: string, state: string): BrokerFailure['kind'] {
  if (HUNG_UP.test(reason)) return /\bSSL\b/.test(reason) && EARLY.has(state) ? 'tls' : 'connection';
  if (/\bSASL\b|authenticat|OAUTHBEARER/i.test(reason)) return 'login';
  return /certificate|\bSSL\b|\bTLS\b|handshake|\balert\b/i.test(reason) ? 'tls' : 'connection';
}

/** The failure in a sentence that says what to look at. Holds no secret: of the properties only names, and who logs in. */
export function describeFailure(
  { broker, kind, reason }: BrokerFailure,
  properties: KafkaSettings['properties'],
): string {
  if (kind === 'login') {
    const mechanism = mechanismOf(properties) ?? 'SASL';
    const user = principalOf(properties);
    const who = user === null ? '' : ` of ${user}`;
    return `broker ${broker} refuses the ${mechanism} login${who}: ${reason}. ${WHERE_LOGIN[mechanism] ?? LOGIN}`;
  }
  if (kind === 'tls')
    return `no TLS with broker ${broker}: ${reason}. Check security.protocol, ssl.ca.location and ssl.certificate.location`;
  return `broker ${broker}: ${reason}`;
}

const LOGIN = 'Check sasl.mechanism, sasl.username and sasl.password';
const WHERE_LOGIN: Readonly<Record<string, string>> = {
  OAUTHBEARER: 'Check the sasl.oauthbearer.* properties, and that the broker trusts the issuer of the token',
};

function mechanismOf(properties: KafkaSettings['properties']): string | undefined {
  const named = properties['sasl.mechanism'] ?? properties['sasl.mechanisms'];
  return named === undefined ? undefined : String(named).toUpperCase();
}

/** Who logs in, where the configuration says so. */
export function principalOf(properties: KafkaSettings['properties']): string | null {
  const name = mechanismOf(properties) === 'OAUTHBEARER' ? 'sasl.oauthbearer.client.id' : 'sasl.username';
  const found = properties[name];
  return found === undefined ||
    !String(properties['security.protocol'] ?? '')
      .toUpperCase()
      .startsWith('SASL')
    ? null
    : String(found);
}

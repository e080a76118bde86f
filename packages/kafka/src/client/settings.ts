import type { GroupProtocol } from '../port/request-consumer.js';
import type { KafkaSettings } from '../port/settings.js';
import type { RdConfig } from './librdkafka.js';
import { withTokens } from './oauth-token.js';
import { CONSUMER_ONLY, MEMBERSHIP_ONLY, PRODUCER_ONLY } from './properties.js';

/** What a client is for: decides which of the operator's properties it can take. */
export type ClientKind = 'producer' | 'inbox_reader' | 'request_consumer' | 'admin';

/** Room for key, framing and batch header above the value and headers of one record, bytes. */
const RECORD_OVERHEAD_BYTES = 40_000;

/**
 * The configuration of one client: ours, then the operator's properties that fit its kind, then
 * what the package relies on and nobody may change (`fixed`). A property of the other kind would
 * only make librdkafka warn (CONFWARN), so it is left out.
 */
export function clientConfig(settings: KafkaSettings, kind: ClientKind, ours: RdConfig, fixed: RdConfig): RdConfig {
  return {
    'client.id': settings.clientId,
    'socket.nagle.disable': true,
    'socket.keepalive.enable': true,
    'reconnect.backoff.ms': 50,
    'reconnect.backoff.max.ms': 1000,
    ...sizes(settings, kind),
    ...withoutClassicMembership(settings, kind, ours),
    ...withTokens(fitting(settings.properties, kind)),
    'bootstrap.servers': settings.bootstrapServers,
    ...fixed,
  };
}

/** Those of the operator's properties that a client of this kind has. */
export function fitting(properties: KafkaSettings['properties'], kind: ClientKind): RdConfig {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => fits(name, kind)));
}

function fits(name: string, kind: ClientKind): boolean {
  if (name === 'metadata.broker.list' || name === 'bootstrap.servers') return false;
  if (kind === 'producer') return !CONSUMER_ONLY.has(name);
  if (kind === 'admin') return !CONSUMER_ONLY.has(name) && !PRODUCER_ONLY.has(name);
  if (kind === 'inbox_reader') return !PRODUCER_ONLY.has(name) && !MEMBERSHIP_ONLY.has(name);
  return !PRODUCER_ONLY.has(name);
}

/**
 * `message.max.bytes` of a producer bounds a whole batch, so it needs room above one record; with
 * the default of 1,000,000 it stays below the brokers' default of 1,048,588. A reader must be able
 * to take one answer that holds the largest record.
 */
function sizes({ maxRecordBytes }: KafkaSettings, kind: ClientKind): RdConfig {
  if (kind === 'producer') return { 'message.max.bytes': maxRecordBytes + RECORD_OVERHEAD_BYTES };
  if (kind === 'admin') return {};
  return { 'receive.message.max.bytes': Math.max(100_000_000, maxRecordBytes + 2_000_000) };
}

/** True with KIP-848's group protocol. */
export function isKip848({ properties }: Pick<KafkaSettings, 'properties'>): boolean {
  return String(properties['group.protocol'] ?? 'classic').toLowerCase() === 'consumer';
}

/** KIP-848 (`group.protocol=consumer`) leaves these to the broker; librdkafka refuses both together. */
const CLASSIC_MEMBERSHIP = [
  'session.timeout.ms',
  'heartbeat.interval.ms',
  'partition.assignment.strategy',
  'group.protocol.type',
];

/** Settings of a member by `protocol`; what was set for the other one is left out. They follow what they are made of. */
export function withProtocol(settings: KafkaSettings, protocol: GroupProtocol): KafkaSettings {
  return {
    ...settings,
    get properties() {
      const given = Object.entries(settings.properties);
      const fit = given.filter(([name]) => protocol === 'classic' || !CLASSIC_MEMBERSHIP.includes(name));
      return { ...Object.fromEntries(fit), 'group.protocol': protocol };
    },
  };
}

function withoutClassicMembership(settings: KafkaSettings, kind: ClientKind, ours: RdConfig): RdConfig {
  if (kind !== 'request_consumer' || !isKip848(settings)) return ours;
  return Object.fromEntries(Object.entries(ours).filter(([name]) => !CLASSIC_MEMBERSHIP.includes(name)));
}

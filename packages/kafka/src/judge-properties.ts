import { accessSync, constants } from 'node:fs';
import { CODE } from './client/errors.js';
import { librdkafka, type RdClient, type RdConfig, type RdError } from './client/librdkafka.js';
import { withProtocol } from './client/settings.js';
import { memberConfig } from './consumer/member-config.js';
import { readerConfig } from './inbox/reader-session.js';
import type { GroupProtocol } from './port/request-consumer.js';
import type { KafkaSettings } from './port/settings.js';
import { producerConfig } from './producer/producer.js';

/** Something that librdkafka has against `kafka.properties`. */
export interface PropertyMistake {
  /** Keys of the configuration: of the property, or of them all where it is about several. */
  readonly path: readonly string[];
  /** Why, with librdkafka's words. */
  readonly sentence: string;
}

/** The properties of an operator, and what they are used for. */
export interface PropertyUse {
  readonly properties: KafkaSettings['properties'];
  /** Bytes, as {@link KafkaSettings.maxRecordBytes}. */
  readonly maxRecordBytes: number;
  /** How groups are joined; left out by a service that joins none. */
  readonly groupProtocol?: GroupProtocol | 'auto';
}

/**
 * Has librdkafka judge properties as the clients of a service would be given them: each by itself, then all
 * together by a producer, an inbox reader and, with `groupProtocol`, a member of a group. Takes milliseconds;
 * the clients know no broker, so nothing is connected to, and what they log goes nowhere.
 *
 * @returns a mistake for each property that is refused; where none is, one for the first client that can't be made
 * @example
 * const mistakes = await judgeProperties({ properties: { 'linger.ms': 'soon' }, maxRecordBytes: 1_000_000 });
 */
export async function judgeProperties(use: PropertyUse): Promise<PropertyMistake[]> {
  const clients = clientsFor(use);
  const refused = singly(use.properties, clients);
  if (refused.length > 0) return refused;
  const reasons = await Promise.all(clients.map(refusal));
  const at = reasons.findIndex((reason) => reason !== null);
  const reason = reasons[at];
  if (reason == null) return [];
  const named = Object.keys(use.properties).filter((property) => reason.includes(property));
  // Of names that are in each other the longest is meant.
  const [property] = named.sort((a, b) => b.length - a.length);
  const which = property === undefined ? 'them' : 'it';
  const file = property?.endsWith('.location') ? unreadable(String(use.properties[property])) : '';
  return [mistake(property, `librdkafka refuses ${which} for ${clients[at]?.what}: ${reason}${file}`)];
}

/** What of a file librdkafka tells in its log only. */
function unreadable(file: string): string {
  try {
    accessSync(file, constants.R_OK);
    return '';
  } catch (error) {
    return ` (${(error as Error).message})`;
  }
}

function mistake(property: string | undefined, sentence: string): PropertyMistake {
  return { path: ['kafka', 'properties', ...(property === undefined ? [] : [property])], sentence };
}

interface JudgedClient {
  readonly what: string;
  readonly kind: 'producer' | 'consumer';
  readonly config: RdConfig;
}

function clientsFor({ properties, maxRecordBytes, groupProtocol }: PropertyUse): JudgedClient[] {
  const given = Object.entries(properties).filter(([name]) => name !== STARTING);
  const settings: KafkaSettings = {
    bootstrapServers: '',
    clientId: 'check',
    properties: Object.fromEntries(given),
    maxRecordBytes,
    events: { error: () => undefined, log: () => undefined, restarted: () => undefined },
  };
  return [
    { what: 'the producer', kind: 'producer', config: producerConfig(settings, { messageTimeoutMs: 30_000 }) },
    { what: 'the reader of an inbox', kind: 'consumer', config: readerConfig(settings) },
    ...protocolsOf(settings, groupProtocol).map(
      (joined): JudgedClient => ({
        what: 'the consumer of requests',
        kind: 'consumer',
        config: memberConfig(joined, { group: 'check' }),
      }),
    ),
  ];
}

/** Starts brokers. */
const STARTING = 'test.mock.num.brokers';

function protocolsOf(settings: KafkaSettings, wanted: PropertyUse['groupProtocol']): KafkaSettings[] {
  if (wanted === undefined) return [];
  if (settings.properties['group.protocol'] !== undefined) return [settings];
  const protocols: GroupProtocol[] = wanted === 'auto' ? ['classic', 'consumer'] : [wanted];
  return protocols.map((protocol) => withProtocol(settings, protocol));
}

/** Each property that a client is given, by itself: which one librdkafka means is then known, whatever it calls it. */
function singly(properties: KafkaSettings['properties'], clients: readonly JudgedClient[]): PropertyMistake[] {
  return Object.keys(properties).flatMap((property) => {
    const user = clients.find(({ config }) => Object.hasOwn(config, property));
    if (user === undefined) return [];
    try {
      // One table knows the properties of producers and consumers; the wrong kind only warns, later.
      new librdkafka.Producer({ [property]: properties[property] });
      return [];
    } catch (error) {
      return [mistake(property, `librdkafka refuses it: ${oneLine((error as Error).message)}`)];
    }
  });
}

/** Why librdkafka would not have such a client; null when it would. */
async function refusal({ config, kind }: JudgedClient): Promise<string | null> {
  // librdkafka's own way to a token begins as soon as the client is there; with ours nobody is asked.
  const tokens = TOKENS in config;
  if (!tokens && String(config['sasl.oauthbearer.method'] ?? '').toLowerCase() === 'oidc') return null;
  let client: RdClient;
  try {
    client = make(kind, tokens ? { ...config, [TOKENS]: () => new Promise(() => undefined) } : config);
  } catch (error) {
    return oneLine((error as Error).message);
  }
  for (const event of ['event.error', 'error', 'warning'] as const) client.on(event, () => undefined);
  client.on('event.log', () => undefined);
  const error = await new Promise<RdError | null | undefined>((resolve) => {
    client.connect({ allTopics: false, timeout: 1 }, (failed) => resolve(failed));
  });
  // It was made, and then found no broker to ask: all is well.
  if (!error || !REFUSALS.has(error.code)) return null;
  return oneLine(error.message);
}

function make(kind: JudgedClient['kind'], config: RdConfig): RdClient {
  return kind === 'producer' ? new librdkafka.Producer(config) : new librdkafka.KafkaConsumer(config);
}

const TOKENS = 'oauthbearer_token_refresh_cb';

/** How clients that can't be made fail: producers with `_STATE`, consumers without a code. */
const REFUSALS: ReadonlySet<number> = new Set([CODE.state, CODE.invalidArgument, CODE.unknown]);

function oneLine(message: string): string {
  return message.trim().replaceAll(/\s+/g, ' ');
}

import { CODE } from '../client/errors.js';
import type { KafkaEvents, KafkaSettings } from '../port/settings.js';
import { brokerFailure, describeFailure } from './broker-failure.js';
import { certificateTrouble } from './certificate-trouble.js';

/** Makes of what a process's clients tell one answer to "why can't Kafka be used?". */
export interface LinkEvents {
  /** The settings for the clients: as given, but listened to. */
  readonly settings: KafkaSettings;
  /** Puts other properties into {@link settings}, for clients that are made from now on. */
  replaceProperties(properties: KafkaSettings['properties']): void;
  /** Why brokers can't be used, in a sentence; null when nothing of late says so. */
  trouble(): string | null;
  /** Set by the owner: Kafka refused something because an ACL is missing. `topic` is what could not be written to. */
  onDenied: (topic: string | undefined) => void;
  /** Set by the owner, as {@link KafkaEvents.access}. */
  onGroup: (group: string, allowed: boolean) => void;
}

/** librdkafka repeats the same failure each 30 s only. */
const CURRENT_MS = 45_000;

/** The same failure of a client is logged again after this, ms. */
const REPEAT_MS = 30_000;

/** syslog's level. */
const DEBUG = 7;

const DENIALS: ReadonlySet<number> = new Set([CODE.topicNotAuthorized, CODE.clusterNotAuthorized]);

/**
 * @param onTrouble hears each new reason, once while it lasts
 */
export function listenToLink(
  given: KafkaSettings,
  onTrouble: (sentence: string) => void,
  now: () => number = Date.now,
): LinkEvents {
  let current: { sentence: string; atMs: number; passing: boolean } | null = null;
  let examined: { broker: string; atMs: number } | null = null;
  const toldAt = new Map<string, number>();
  const told = new Set<string>();
  const lasting = () => current !== null && now() - current.atMs < CURRENT_MS;

  const found = (sentence: string, passing: boolean): void => {
    // A refused login also ends the connection: the end is not the reason.
    if (passing && lasting() && current?.passing === false) return;
    // Several brokers and clients say it in turn, each in its words.
    if (!lasting()) told.clear();
    current = { sentence, atMs: now(), passing };
    if (passing || told.has(sentence)) return;
    told.add(sentence);
    onTrouble(sentence);
  };
  const examine = async (broker: string, otherwise: string): Promise<void> => {
    if (examined?.broker === broker && now() - examined.atMs < CURRENT_MS && current !== null) {
      current.atMs = now();
      return;
    }
    examined = { broker, atMs: now() };
    const trouble = await certificateTrouble(broker, settings.properties);
    found(trouble === null ? otherwise : `no TLS with broker ${broker}: ${trouble}`, false);
  };

  // While it can't connect, a client tries tens of times a second, and reports many of them.
  const again = (what: string): boolean => {
    const before = toldAt.get(what) ?? Number.NEGATIVE_INFINITY;
    if (now() - before < REPEAT_MS) return true;
    toldAt.set(what, now());
    return false;
  };

  const events: KafkaEvents = {
    error(client, error) {
      given.events.error(client, error);
      if (DENIALS.has(error.code)) link.onDenied(error.topic);
      if (error.message.startsWith(TOKEN_FAILURE)) found(error.message.slice(TOKEN_FAILURE.length), false);
    },
    log(client, level, message) {
      const failure = brokerFailure(message);
      if (failure === null) {
        given.events.log(client, level, message);
        return;
      }
      given.events.log(client, again(`${client} ${failure.broker} ${failure.kind}`) ? DEBUG : level, message);
      const sentence = describeFailure(failure, settings.properties);
      if (failure.kind === 'tls') void examine(failure.broker, sentence);
      else found(sentence, failure.kind === 'connection');
    },
    restarted: given.events.restarted,
    access: (group, allowed) => link.onGroup(group, allowed),
  };
  const settings: { -readonly [name in keyof KafkaSettings]: KafkaSettings[name] } = { ...given, events };
  const link: LinkEvents = {
    settings,
    replaceProperties(properties) {
      settings.properties = properties;
      // What was wrong may not be any longer; what is will be said again.
      current = null;
      examined = null;
    },
    trouble: () => (lasting() ? (current?.sentence ?? null) : null),
    onDenied: () => undefined,
    onGroup: () => undefined,
  };
  return link;
}

/** How the package begins what its token callback threw. */
const TOKEN_FAILURE = 'oauthbearer_token_refresh_cb: ';

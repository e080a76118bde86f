import { describeDenial, grantCommand } from '../client/access.js';
import { CODE } from '../client/errors.js';
import type { AccessNeed, AccessOperation, DeniedAccess } from '../port/access.js';
import { KafkaClientFault } from '../port/failures.js';
import type { RecordProducer } from '../port/producer.js';
import type { KafkaSettings } from '../port/settings.js';
import { createAccessWatch } from './access-watch.js';
import { principalOf } from './broker-failure.js';
import { listenToLink } from './link-events.js';
import { type LinkProof, proveLink } from './prove-link.js';

/** Why a process can't use Kafka, as far as that is known: unreachable brokers, refused logins, missing ACLs. */
export interface LinkWatch {
  /** What the clients have to be made with. */
  readonly settings: KafkaSettings;
  /** What to say while no broker can be used. */
  unreachable(): string;
  /** The clients were refused for good: that is what to say from now on. */
  refused(sentence: string): void;
  /** Asks what is denied. Resolves when that is known, or no broker answered. */
  check(): Promise<void>;
  /** {@link check} until nothing of these resources is denied. @throws {KafkaClientFault} saying what is */
  require(names: ReadonlySet<string>): Promise<void>;
  /** Denials that keep requests from being taken or answered: a sentence each. */
  troubles(): string[];
  /** Denials that do not: a sentence each. */
  notes(): string[];
  denied(): readonly DeniedAccess[];
  /**
   * Finds out whether Kafka can be used by other properties, or for other needs, without changing anything.
   *
   * @throws {KafkaClientFault} saying why not: no login, no broker in time, or something denied that is not denied now
   */
  prove(change: LinkChange): Promise<void>;
  /** What holds from now on, for clients that are made from now on. Those that are there have to be renewed. */
  change(change: LinkChange): void;
}

/** What of a link can become another. */
export interface LinkChange {
  readonly properties: KafkaSettings['properties'];
  readonly needs: readonly AccessNeed[];
}

/** What a service needs of Kafka, and who reports what is missing. */
export interface LinkWatchOptions extends Pick<LinkProof, 'open'> {
  readonly settings: KafkaSettings;
  readonly needs: readonly AccessNeed[];
  /** Who is asked; null while there is none. */
  readonly producer: () => Pick<RecordProducer, 'denied'> | null;
  readonly logger: Readonly<Record<'error' | 'warn' | 'info', (sentence: string) => void>>;
  readonly signal: AbortSignal;
}

/**
 * Watches why Kafka cannot be used: brokers that refuse a login or a certificate, and ACLs that are missing.
 *
 * @example
 * const watch = watchLink({
 *   settings,
 *   needs: [{ resource: 'topic', name: 'orders', operations: ['Read', 'Describe'] }],
 *   producer: () => producer,
 *   logger: console,
 *   signal: closing.signal,
 * });
 * const producer = await createProducer(watch.settings, { messageTimeoutMs: 30_000 });
 * await watch.check();
 * console.log(watch.troubles());
 */
export function watchLink(options: LinkWatchOptions): LinkWatch {
  const { producer, logger, signal } = options;
  let { needs } = options;
  const events = listenToLink(options.settings, (sentence) => logger.error(`Kafka: ${sentence}`));
  const access = createAccessWatch({
    ask: () => producer()?.denied(needs) ?? Promise.reject(new Error('there is no client to ask by')),
    onDenied: (one) => tellDenied(one),
    onGranted: (one) => tellGranted(one),
    signal,
  });
  let refusal: string | null = null;
  const refused = new Set<string>();
  const groups = new Map<string, DeniedAccess>();
  const denied = () => [...access.denied(), ...groups.values()];
  const tellDenied = (one: DeniedAccess): void => {
    const grant = `grant it: ${grantCommand(one, principalOf(events.settings.properties))}`;
    logger[isOptional(one) ? 'warn' : 'error'](`${describeDenial(one)}; ${grant}`);
  };
  const tellGranted = ({ operations, resource, name }: DeniedAccess): void =>
    logger.info(`Kafka allows ${operations.join(' and ')} on ${resource} ${name} again`);
  events.onGroup = (group, allowed) => {
    const need = needs.find(({ resource, name }) => resource === 'group' && name === group);
    if (need === undefined || allowed === !groups.has(group)) return;
    if (allowed) groups.delete(group);
    else groups.set(group, need);
    if (allowed) tellGranted(need);
    else tellDenied(need);
  };
  events.onDenied = (topic) => {
    if (topic !== undefined) refused.add(topic);
    access.hint();
  };
  const isOptional = ({ optional = false, name }: DeniedAccess): boolean =>
    optional === true || (optional === 'unused' && !refused.has(name));
  const of = (optional: boolean) =>
    denied()
      .filter((denied) => isOptional(denied) === optional)
      .map(describeDenial);

  return {
    settings: events.settings,
    refused(sentence) {
      refusal = sentence;
    },
    unreachable() {
      if (refusal !== null) return refusal;
      const reason = events.trouble();
      const sentence = `no broker of ${options.settings.bootstrapServers} can be reached`;
      return reason === null ? sentence : `${sentence}: ${reason}`;
    },
    check: access.check,
    async require(names) {
      await access.check();
      const [first] = access.denied().filter(({ name }) => names.has(name));
      if (first) throw new KafkaClientFault(describeDenial(first), CODE.topicNotAuthorized);
    },
    troubles: () => of(false),
    notes: () => of(true),
    denied: access.denied,
    prove: (change) =>
      proveLink({ settings: events.settings, ...change, known: access.denied(), open: options.open, signal }),
    change(change) {
      events.replaceProperties(change.properties);
      needs = change.needs;
      for (const group of groups.keys()) if (!needs.some(({ name }) => name === group)) groups.delete(group);
      access.hint();
    },
  };
}

/** Makes one need of a resource out of several: Kafka is asked once for each. */
export function mergeNeeds(needs: readonly AccessNeed[]): AccessNeed[] {
  const merged = new Map<string, AccessNeed>();
  for (const need of needs) {
    const key = `${need.resource} ${need.name}`;
    const before = merged.get(key);
    const operations = new Set<AccessOperation>([...(before?.operations ?? []), ...need.operations]);
    const optional = lesser(before?.optional ?? true, need.optional ?? false);
    merged.set(key, { resource: need.resource, name: need.name, operations: [...operations], optional });
  }
  return [...merged.values()];
}

/** What two needs of one resource make together. */
function lesser(a: boolean | 'unused', b: boolean | 'unused'): boolean | 'unused' {
  if (a === true) return b;
  return a === false || b === false ? false : 'unused';
}

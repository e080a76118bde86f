import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrokerUnderTest } from '../services/bridge.js';
import { type Acl, addAcls, removeAcls, setScramPassword } from './admin.js';
import { type Authority, createAuthority } from './certificates.js';
import { startKafka } from './real-kafka.js';
import { startTokenEndpoint, type TokenEndpoint } from './token-endpoint.js';
import { needsZooKeeper } from './zookeeper.js';

/** Listeners of {@link SecureKafka}: login over TLS, client certificates, and a certificate that ended. */
export type SecureListener = 'LOGIN' | 'MTLS' | 'EXPIRED';

/** A broker that lets nobody do anything without an ACL, but the one who comes over the plain listener. */
export interface SecureKafka {
  /** By the plain listener: may do everything. */
  readonly admin: BrokerUnderTest;
  /** Signs the brokers' certificates, and those of clients that they trust. */
  readonly authority: Authority;
  /** Holds the certificates, and what a test puts there; gone after {@link stop}. */
  readonly dir: string;
  /** Issues the tokens that the broker believes. */
  readonly tokens: TokenEndpoint;
  bootstrapServers(listener: SecureListener): string;
  /** What the broker runs from, for Kafka's own tools. */
  readonly classPath: string;
  grant(acls: readonly Acl[]): Promise<void>;
  revoke(acls: readonly Acl[]): Promise<void>;
  /** Adds a user of SCRAM-SHA-512, or changes his password. */
  setPassword(user: string, password: string): Promise<void>;
  stop(): Promise<void>;
}

export interface SecureKafkaOptions {
  readonly version?: string;
  /** Users of SASL/PLAIN and their passwords. */
  readonly plainUsers: Readonly<Record<string, string>>;
  /** Who of them may do everything, beside those of the plain listener. */
  readonly superUsers?: readonly string[];
  /** After this, connections of SCRAM users have to log in again (KIP-368), ms. */
  readonly scramSessionMs?: number;
}

const LOGIN = 'org.apache.kafka.common.security';
const AUDIENCE = 'kafka';

/**
 * Starts Apache Kafka with TLS, SASL and ACLs. Principals of client certificates are `User:<CN>`.
 *
 * @throws {Error} as {@link startKafka}, and when there is no openssl
 */
export async function startSecureKafka(options: SecureKafkaOptions): Promise<SecureKafka> {
  const { version, plainUsers, superUsers = [], scramSessionMs } = options;
  const dir = await mkdtemp(join(tmpdir(), 'khp-security-'));
  await mkdir(join(dir, 'ca'));
  const authority = await createAuthority(join(dir, 'ca'), 'brokers');
  const server = await authority.issue('broker');
  const expired = await authority.issue('broker', { expired: true });
  const old = needsZooKeeper(version ?? '4');
  const tokens = await startTokenEndpoint({ dir, audience: AUDIENCE, signed: !old, certificate: server });
  const plain = Object.entries(plainUsers).map(([user, password]) => `user_${user}="${password}"`);
  const store = (keystore: string) => ({ 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': keystore });

  const kafka = await startKafka({
    ...(version !== undefined && { version }),
    autoCreateTopics: false,
    listeners: { LOGIN: 'SASL_SSL', MTLS: 'SSL', EXPIRED: 'SSL' },
    javaArguments: [`-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls=${tokens.keysUrl}`],
    serverProperties: {
      'authorizer.class.name': old
        ? 'kafka.security.authorizer.AclAuthorizer'
        : 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'allow.everyone.if.no.acl.found': false,
      // Brokers among themselves, and the tests' own clients.
      'super.users': ['ANONYMOUS', ...superUsers].map((user) => `User:${user}`).join(';'),
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': authority.certificate,
      'ssl.principal.mapping.rules': 'RULE:^CN=([^,]+).*$/$1/',
      ...of('LOGIN', store(server.keystore)),
      ...of('MTLS', { ...store(server.keystore), 'ssl.client.auth': 'required' }),
      ...of('EXPIRED', store(expired.keystore)),
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512,OAUTHBEARER',
      ...of('LOGIN.plain', { 'sasl.jaas.config': `${LOGIN}.plain.PlainLoginModule required ${plain.join(' ')};` }),
      ...of('LOGIN.scram-sha-512', {
        'sasl.jaas.config': `${LOGIN}.scram.ScramLoginModule required;`,
        ...(scramSessionMs !== undefined && { 'connections.max.reauth.ms': scramSessionMs }),
      }),
      ...of('LOGIN.oauthbearer', {
        'sasl.jaas.config': `${LOGIN}.oauthbearer.OAuthBearerLoginModule required;`,
        'sasl.server.callback.handler.class': old
          ? `${LOGIN}.oauthbearer.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler`
          : `${LOGIN}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
        ...(!old && { 'sasl.oauthbearer.jwks.endpoint.url': tokens.keysUrl }),
      }),
      ...(!old && { 'sasl.oauthbearer.expected.audience': AUDIENCE }),
    },
  }).catch(async (error: unknown) => {
    await tokens.close();
    await rm(dir, { recursive: true, force: true });
    throw error;
  });

  return {
    admin: { kind: 'kafka', bootstrapServers: kafka.bootstrapServers, properties: {} },
    authority,
    dir,
    tokens,
    classPath: kafka.classPath,
    bootstrapServers: (listener) => kafka.bootstrapServersOf(listener),
    grant: (acls) => addAcls(kafka.bootstrapServers, acls),
    revoke: (acls) => removeAcls(kafka.bootstrapServers, acls),
    setPassword: (user, password) => setScramPassword(kafka.bootstrapServers, user, password),
    async stop() {
      await kafka.stop();
      await tokens.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** Properties of one listener, or of one mechanism at it: Kafka knows them by the listener's name in lower case. */
function of(listener: string, properties: Readonly<Record<string, string | number>>): Record<string, string | number> {
  const prefix = `listener.name.${listener.toLowerCase()}`;
  return Object.fromEntries(Object.entries(properties).map(([name, value]) => [`${prefix}.${name}`, value]));
}

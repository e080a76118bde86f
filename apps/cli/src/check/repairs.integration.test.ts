import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureTopics } from '@kafka-http-proxy/kafka';
import { type Acl, deleteTopic, needsZooKeeper, type SecureKafka, startSecureKafka } from '@kafka-http-proxy/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { runCaptured } from '../testing/captured-host.js';
import { createShell, end, type Shell } from '../testing/shell.js';
import { recordOf, settingsOf, write } from '../testing/stage.js';

/** TLS, SASL and ACLs are Apache Kafka's alone; its tools have these names from 3.5 on. */
const CAN_RUN = inject('broker').kind === 'kafka' && !needsZooKeeper(process.env.KHP_KAFKA_VERSION || '4');

const SECRET = 'correct-horse-battery';
const TOPICS = {
  request: 'orders-requests',
  response: 'orders-responses',
  dead: 'failed-requests',
  control: 'khp-control',
};

let kafka: SecureKafka;
let shell: Shell;
let dir: string;

beforeAll(async () => {
  if (!CAN_RUN) return;
  const version = process.env.KHP_KAFKA_VERSION;
  dir = await mkdtemp(join(tmpdir(), 'khp-repairs-'));
  kafka = await startSecureKafka({
    ...(version && { version }),
    plainUsers: { proxy: SECRET, processor: SECRET, admin: SECRET },
    superUsers: ['admin'],
  });
  shell = await createShell(dir, kafka.classPath);
  const login = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
  const admin = {
    'security.protocol': 'SASL_SSL',
    'sasl.mechanism': 'PLAIN',
    'sasl.jaas.config': `${login} username="admin" password="${SECRET}";`,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': kafka.authority.certificate,
  };
  const lines = Object.entries(admin).map((pair) => `${pair.join('=')}\n`);
  await writeFile(join(dir, 'admin.properties'), lines.join(''));
}, 120_000);
afterAll(async () => {
  await kafka?.stop();
  if (dir !== undefined) await rm(dir, { recursive: true });
});

/** All is well before each: what one left broken is not the next one's. */
beforeEach(async () => {
  if (!CAN_RUN) return;
  await Promise.all(['proxy', 'processor'].map((user) => kafka.setPassword(user, SECRET)));
  await kafka.grant(ACLS);
  await ensureTopics(settingsOf(kafka.admin), Object.values(TOPICS), {
    partitions: 2,
    replicationFactor: 1,
    timeoutMs: 30_000,
  });
});

const acl = (user: string, operation: Acl['operation'], resource: 'topic' | 'group', name: string): Acl => ({
  principal: `User:${user}`,
  operation,
  resource,
  name,
});
/** As docs/security.md has them. */
const ACLS = [
  acl('proxy', 'Write', 'topic', TOPICS.request),
  acl('proxy', 'Read', 'topic', TOPICS.response),
  acl('proxy', 'Write', 'topic', TOPICS.response),
  acl('proxy', 'Write', 'topic', TOPICS.control),
  acl('proxy', 'Describe', 'group', 'khp-inbox'),
  acl('processor', 'Read', 'topic', TOPICS.request),
  acl('processor', 'Read', 'group', 'processor-orders-requests'),
  acl('processor', 'Write', 'topic', TOPICS.response),
  acl('processor', 'Write', 'topic', TOPICS.dead),
  acl('processor', 'Read', 'topic', TOPICS.control),
  acl('processor', 'Write', 'topic', TOPICS.control),
  acl('processor', 'Describe', 'group', 'khp-inbox'),
];

type Tier = 'proxy' | 'processor';

/** Both files, with what is to be wrong of the proxy's. */
async function configure(proxy: object = {}, properties: Partial<Record<Tier, object>> = {}, brokers?: string) {
  const kafkaOf = (tier: Tier) => ({
    bootstrap_servers: kafka.bootstrapServers('LOGIN'),
    create_topics: false,
    properties: properties[tier] ?? {
      'security.protocol': 'SASL_SSL',
      'ssl.ca.location': kafka.authority.certificate,
      'sasl.mechanism': 'SCRAM-SHA-512',
      'sasl.username': tier,
      'sasl.password': SECRET,
    },
  });
  const common = { dead_letter_topic: TOPICS.dead };
  const files = {
    proxy: {
      ...common,
      default_request_topic: TOPICS.request,
      default_response_topic: TOPICS.response,
      warmup_topics: [TOPICS.response],
      default_timeout: 0.5,
      ...proxy,
      kafka: { ...kafkaOf('proxy'), ...(brokers !== undefined && { bootstrap_servers: brokers }) },
    },
    processor: {
      ...common,
      topics: [
        {
          request_topic: TOPICS.request,
          response_topic: TOPICS.response,
          backend_url: 'http://127.0.0.1:9',
          timeout: 0.5,
        },
      ],
      health_check_interval: 0,
      kafka: kafkaOf('processor'),
    },
  };
  for (const [tier, config] of Object.entries(files))
    await writeFile(join(dir, `${tier}.json`), JSON.stringify(config));
  return files;
}

interface Line {
  readonly id: string;
  readonly state: string;
  readonly what: string;
  readonly fix?: string;
}

/** Runs `check` over both files. */
async function check(environment: Readonly<Record<string, string>> = {}, more: readonly string[] = []) {
  const files = ['-c', join(dir, 'proxy.json'), '-c', join(dir, 'processor.json')];
  const { code, stdout, stderr } = await runCaptured(['check', '--json', ...files, ...more], { environment });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  expect(stdout + stderr).not.toContain(SECRET);
  return { code, lines, failed: lines.filter(({ state }) => state === 'FAIL') };
}

/** The certificate of a tier, and the properties that log it in by it. */
async function byCertificate(tier: Tier): Promise<object> {
  const { certificate, key } = await kafka.authority.issue(tier);
  return {
    'security.protocol': 'SSL',
    'ssl.ca.location': kafka.authority.certificate,
    'ssl.certificate.location': certificate,
    'ssl.key.location': key,
  };
}

interface Breakage {
  /** Breaks something. */
  readonly how: () => Promise<unknown>;
  readonly id: string;
  readonly what: RegExp;
  readonly fix: RegExp;
  readonly flags?: readonly string[];
}

const port = (of: string) => of.slice(of.lastIndexOf(':') + 1);
const denied = (taken: Acl, id: string): Breakage => ({
  how: async () => await Promise.all([configure(), kafka.revoke([taken])]),
  id,
  what: new RegExp(`Kafka denies ${taken.principal.slice(5)} ${taken.operation} on ${taken.resource} ${taken.name}`),
  fix: new RegExp(
    `^kafka-acls --bootstrap-server \\S+ --command-config admin.properties --add .* --operation ${taken.operation} `,
  ),
});

const BROKEN: [string, Breakage][] = [
  [
    'a name that DNS does not know',
    {
      how: () => configure({}, {}, 'no-such-broker.invalid:9093'),
      id: 'kafka.dns',
      what: /^proxy: the name no-such-broker\.invalid has no address \(E\w+\)$/,
      fix: /^export KAFKA_BOOTSTRAP_SERVERS=127/,
    },
  ],
  [
    'a port on which nobody listens',
    {
      how: () => configure({}, {}, '127.0.0.1:1'),
      id: 'kafka.tcp',
      what: /^proxy: 127\.0\.0\.1:1 can't be connected to \(ECONNREFUSED\)$/,
      fix: /^export KAFKA_BOOTSTRAP_SERVERS=127/,
    },
  ],
  [
    'a name that the certificate is not for',
    {
      how: () => configure({}, {}, `localhost:${port(kafka.bootstrapServers('LOGIN'))}`),
      id: 'kafka.tls.name',
      what: /^proxy: the certificate CN=broker of localhost:\d+ is for other names: IP Address:127\.0\.0\.1$/,
      fix: /^export KAFKA_BOOTSTRAP_SERVERS=127\.0\.0\.1:\d+$/,
    },
  ],
  [
    'a certificate that expired',
    {
      async how() {
        const files = await configure(
          {},
          { proxy: await byCertificate('proxy'), processor: await byCertificate('processor') },
          kafka.bootstrapServers('EXPIRED'),
        );
        const processor = {
          ...files.processor,
          kafka: { ...files.processor.kafka, bootstrap_servers: kafka.bootstrapServers('MTLS') },
        };
        await writeFile(join(dir, 'processor.json'), JSON.stringify(processor));
      },
      id: 'kafka.tls.expiry',
      what: /^proxy: the certificate CN=broker of 127\.0\.0\.1:\d+ expired on \d{4}-/,
      fix: /^export KAFKA_BOOTSTRAP_SERVERS=127/,
    },
  ],
  [
    'a password that is not the right one',
    {
      how: () => Promise.all([configure(), kafka.setPassword('proxy', 'another')]),
      id: 'kafka.login',
      what: /^proxy: .* refuses the SCRAM-SHA-512 login of proxy: /,
      fix: /^kafka-configs .* --entity-name proxy --add-config "SCRAM-SHA-512=\[password=\$PASSWORD\]"$/,
    },
  ],
  ['no Write on a topic', denied(acl('proxy', 'Write', 'topic', TOPICS.request), 'access.topics')],
  ['no Read on a topic', denied(acl('processor', 'Read', 'topic', TOPICS.request), 'access.topics')],
  ['no Read on a topic that is written to', denied(acl('proxy', 'Read', 'topic', TOPICS.response), 'access.topics')],
  ['no Read on a group', denied(acl('processor', 'Read', 'group', 'processor-orders-requests'), 'access.groups')],
  ['no Describe on a group', denied(acl('proxy', 'Describe', 'group', 'khp-inbox'), 'access.groups')],
  [
    'a topic that is missing',
    {
      async how() {
        await configure();
        await deleteTopic(kafka.admin, TOPICS.dead);
      },
      id: 'topics.exist',
      what: /^processor: failed-requests of processor is missing$/,
      fix: /^kafka-topics .* --create --topic failed-requests --config retention\.ms=2592000000$/,
    },
  ],
  [
    'too few partitions',
    {
      how: () => configure(),
      id: 'topics.partitions',
      what: /^proxy: orders-responses has 2 partitions, too few for 3 proxies/,
      fix: /^kafka-topics .* --alter --topic orders-responses --partitions 3$/,
      flags: ['--proxies', '3'],
    },
  ],
  [
    'a size limit below max_record_bytes',
    {
      async how() {
        await configure();
        const entity = '--entity-type topics --entity-name orders-responses';
        const where = `--bootstrap-server ${kafka.bootstrapServers('LOGIN')} --command-config admin.properties`;
        await shell.run(`kafka-configs ${where} --alter ${entity} --add-config max.message.bytes=100000`);
      },
      id: 'probe.size',
      what: /^proxy: orders-responses refuses a record of max_record_bytes, 1000000$/,
      fix: /^kafka-configs .* --entity-name orders-responses --add-config max\.message\.bytes=1040000$/,
      flags: ['--probe'],
    },
  ],
  [
    'control topics that differ',
    {
      how: () => configure({ control_topic: 'my-control' }),
      id: 'config.control',
      what: /^control_topic is my-control for the proxy and khp-control for the processor/,
      fix: /^export CONTROL_TOPIC=khp-control$/,
    },
  ],
  [
    'no processor',
    {
      how: async () => await Promise.all([configure(), write(kafka.admin, [recordOf(TOPICS.request, 0)]), expired()]),
      id: 'groups.read',
      what: /^processor: no processor reads partition 0 of orders-requests: 1 records wait, the first for \d+ s/,
      fix: /^kafka-http-proxy processor --config \S+processor\.json$/,
    },
  ],
  [
    'a lag',
    {
      how: async () =>
        await Promise.all([
          configure(),
          write(
            kafka.admin,
            Array.from({ length: 20 }, () => recordOf(TOPICS.request, 1)),
          ),
        ]),
      id: 'lag',
      what: /^processor: orders-requests: group processor-orders-requests is behind by 20 records, .*, more than 10$/,
      fix: /^kafka-http-proxy processor --config \S+processor\.json$/,
      flags: ['--lag-fail', '10', '--skip', 'groups.read'],
    },
  ],
];

/** Until nobody waits for a request any more. */
function expired(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 600));
}

describe.runIf(CAN_RUN)('check, on a cluster with TLS, logins and ACLs', () => {
  it('finds nothing where nothing is wrong', async () => {
    await configure();
    const { code, lines } = await check({}, ['--probe', '--proxies', '2', '--cert-warn', '1h']);
    const told = lines.filter(({ state }) => state === 'FAIL' || state === 'warn').map(({ id }) => id);
    // It is one broker only, with one replica of everything.
    expect([...new Set(told)]).toEqual(['topics.replicas']);
    expect(code).toBe(0);
  });

  it.each(BROKEN)(
    'names %s, and the command that it prints repairs it',
    { timeout: 120_000 },
    async (_what, breakage) => {
      const { how, id, what, fix, flags = [] } = breakage;
      await how();
      const { code, failed } = await check({}, flags);
      expect(failed).toMatchObject([{ id, what: expect.stringMatching(what), fix: expect.stringMatching(fix) }]);
      expect(code).toBe(1);

      const line = String(failed[0]?.fix);
      if (line.startsWith('kafka-http-proxy processor')) {
        const child = shell.start(line);
        onTestFinished(() => end(child));
        await vi.waitFor(async () => expect((await check({}, flags)).code).toBe(0), { timeout: 60_000, interval: 50 });
        return;
      }
      const environment = await shell.run(line, { PASSWORD: SECRET });
      const after = await check(environment, flags);
      expect(after.failed).toEqual([]);
      expect(after.code).toBe(0);
    },
  );
});

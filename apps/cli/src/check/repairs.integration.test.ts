import { join } from 'node:path';
import { type Acl, deleteTopic, needsZooKeeper } from '@kafka-http-proxy/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import { runCaptured } from '../testing/captured-host.js';
import { acl, SECRET, type SecuredTiers, startSecuredTiers, TOPICS } from '../testing/secured-tiers.js';
import { end } from '../testing/shell.js';
import { recordOf, write } from '../testing/stage.js';

/** TLS, SASL and ACLs are Apache Kafka's alone; the secured broker is not tried with ZooKeeper. */
const CAN_RUN = inject('broker').kind === 'kafka' && !needsZooKeeper(process.env.KHP_KAFKA_VERSION || '4');

let tiers: SecuredTiers;
beforeAll(async () => {
  if (CAN_RUN) tiers = await startSecuredTiers(process.env.KHP_KAFKA_VERSION);
}, 120_000);
afterAll(() => tiers?.stop());
/** What one left broken is not the next one's. */
beforeEach(() => tiers?.restore());

const SOON = { timeout: 60_000, interval: 50 };

interface Line {
  readonly id: string;
  readonly state: string;
  readonly what: string;
  readonly fix?: string;
}

/** Runs `check` over both configurations. */
async function check(environment: Readonly<Record<string, string>> = {}, more: readonly string[] = []) {
  const files = ['proxy.json', 'processor.json'].flatMap((name) => ['-c', join(tiers.dir, name)]);
  const { code, stdout, stderr } = await runCaptured(['check', '--json', ...files, ...more], { environment });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  expect(stdout + stderr).not.toContain(SECRET);
  return { code, lines, failed: lines.filter(({ state }) => state === 'FAIL') };
}

interface Breakage {
  /** Breaks something. */
  readonly how: () => Promise<unknown>;
  readonly id: string;
  readonly what: RegExp;
  readonly fix: RegExp;
  readonly flags?: readonly string[];
}

const ofProxy = (brokers: string) => tiers.configure({ brokers: { proxy: brokers } });
const requests = (count: number, partition: number) =>
  write(
    tiers.kafka.admin,
    Array.from({ length: count }, () => recordOf(TOPICS.request, partition)),
  );
const denied = (taken: Acl, id: string): Breakage => ({
  how: async () => await Promise.all([tiers.configure(), tiers.kafka.revoke([taken])]),
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
      how: () => ofProxy('no-such-broker.invalid:9093'),
      id: 'kafka.dns',
      what: /^proxy: the name no-such-broker\.invalid has no address \(E\w+\)$/,
      fix: /^export KAFKA_BOOTSTRAP_SERVERS=127/,
    },
  ],
  [
    'a port on which nobody listens',
    {
      how: () => ofProxy('127.0.0.1:1'),
      id: 'kafka.tcp',
      what: /^proxy: 127\.0\.0\.1:1 can't be connected to \(ECONNREFUSED\)$/,
      fix: /^export KAFKA_BOOTSTRAP_SERVERS=127/,
    },
  ],
  [
    'a name that the certificate is not for',
    {
      how: () => ofProxy(tiers.kafka.bootstrapServers('LOGIN').replace('127.0.0.1', 'localhost')),
      id: 'kafka.tls.name',
      what: /^proxy: the certificate CN=broker of localhost:\d+ is for other names: IP Address:127\.0\.0\.1$/,
      fix: /^export KAFKA_BOOTSTRAP_SERVERS=127\.0\.0\.1:\d+$/,
    },
  ],
  [
    'a certificate that expired',
    {
      how: () => tiers.configure({ certificates: true, brokers: { proxy: tiers.kafka.bootstrapServers('EXPIRED') } }),
      id: 'kafka.tls.expiry',
      what: /^proxy: the certificate CN=broker of 127\.0\.0\.1:\d+ expired on \d{4}-/,
      fix: /^export KAFKA_BOOTSTRAP_SERVERS=127/,
    },
  ],
  [
    'a password that is not the right one',
    {
      how: () => Promise.all([tiers.configure(), tiers.kafka.setPassword('proxy', 'another')]),
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
        await tiers.configure();
        await deleteTopic(tiers.kafka.admin, TOPICS.dead);
      },
      id: 'topics.exist',
      what: /^processor: failed-requests of processor is missing$/,
      fix: /^kafka-topics .* --create --topic failed-requests --config retention\.ms=2592000000$/,
    },
  ],
  [
    'too few partitions',
    {
      how: () => tiers.configure(),
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
        await tiers.configure();
        const entity = '--entity-type topics --entity-name orders-responses';
        const where = `--bootstrap-server ${tiers.kafka.bootstrapServers('LOGIN')} --command-config admin.properties`;
        await tiers.shell.run(`kafka-configs ${where} --alter ${entity} --add-config max.message.bytes=100000`);
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
      how: () => tiers.configure({ proxy: { control_topic: 'my-control' } }),
      id: 'config.control',
      what: /^control_topic is my-control for the proxy and khp-control for the processor/,
      fix: /^export CONTROL_TOPIC=khp-control$/,
    },
  ],
  [
    'no processor',
    {
      how: async () => await Promise.all([tiers.configure(), requests(1, 0)]),
      id: 'groups.read',
      what: /^processor: no processor reads partition 0 of orders-requests: 1 records wait, the first for \d+ s/,
      fix: /^kafka-http-proxy processor --config \S+processor\.json$/,
    },
  ],
  [
    'a lag',
    {
      how: async () => await Promise.all([tiers.configure(), requests(20, 1)]),
      id: 'lag',
      what: /^processor: orders-requests: group processor-orders-requests is behind by 20 records, .*, more than 10$/,
      fix: /^kafka-http-proxy processor --config \S+processor\.json$/,
      flags: ['--lag-fail', '10', '--skip', 'groups.read'],
    },
  ],
];

describe.runIf(CAN_RUN)('check, on a cluster with TLS, logins and ACLs', () => {
  it('finds nothing where nothing is wrong', async () => {
    await tiers.configure();
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
      // What was revoked, or has to grow old, shows a moment later.
      const { code, failed } = await vi.waitFor(async () => {
        const found = await check({}, flags);
        expect(found.failed).toMatchObject([
          { id, what: expect.stringMatching(what), fix: expect.stringMatching(fix) },
        ]);
        return found;
      }, SOON);
      expect(code).toBe(1);

      const line = String(failed[0]?.fix);
      if (line.startsWith('kafka-http-proxy processor')) {
        const child = tiers.shell.start(line);
        onTestFinished(() => end(child));
        await vi.waitFor(async () => expect((await check({}, flags)).code).toBe(0), SOON);
        return;
      }
      const environment = await tiers.shell.run(line, { PASSWORD: SECRET });
      const after = await check(environment, flags);
      expect(after.failed).toEqual([]);
      expect(after.code).toBe(0);
    },
  );
});

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureTopics } from '@kafka-http-proxy/kafka';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import type { Acl } from '../kafka/admin.js';
import { testSettings } from '../kafka/probe.js';
import { type SecureKafka, startSecureKafka } from '../kafka/security.js';
import { needsZooKeeper } from '../kafka/zookeeper.js';
import { type LedgerBackend, startLedgerBackend } from '../ledger/ledger-backend.js';
import { runProgram } from '../machine/program.js';
import { repositoryPath, type ServiceProcess } from '../services/service-process.js';
import { guideAcls } from './security-guide.js';
import { configure, startSecureService } from './security-services.js';

const CAN_RUN = inject('broker').kind === 'kafka' && !needsZooKeeper(process.env.KHP_KAFKA_VERSION || '4');
const SECRET = 'correct-horse-battery';
const MARKS = 'failed-requests-marks';
const TOPICS = ['orders-requests', 'orders-responses', 'failed-requests', 'khp-control'];

let kafka: SecureKafka;
let backend: LedgerBackend;
let services: ServiceProcess[] = [];
let config: string;

const grants = guideAcls('operator', 'User:operator');
const login = (user: string) => ({ mechanism: 'plain' as const, user, secret: SECRET });

beforeAll(async () => {
  if (!CAN_RUN) return;
  const version = process.env.KHP_KAFKA_VERSION;
  backend = await startLedgerBackend();
  const plainUsers = { proxy: SECRET, processor: SECRET, operator: SECRET };
  kafka = await startSecureKafka({ ...(version && { version }), plainUsers });
  const admin = testSettings(kafka.admin);
  await ensureTopics(admin, TOPICS, { partitions: 2, replicationFactor: 1, timeoutMs: 30_000 });
  await ensureTopics(admin, [MARKS], { partitions: 1, replicationFactor: 1, timeoutMs: 30_000 });
  await kafka.grant([...guideAcls('proxy', 'User:proxy'), ...guideAcls('processor', 'User:processor'), ...grants]);
  services = await Promise.all(
    (['proxy', 'processor'] as const).map((tier) =>
      startSecureService(tier, { kafka, login: login(tier), backendUrl: backend.url }),
    ),
  );
  for (const service of services) await service.ready();
  ({ config } = await configure('processor', { kafka, login: login('operator'), backendUrl: backend.url }));
}, 180_000);
afterAll(async () => {
  await Promise.all(services.map((service) => service.stop()));
  await kafka?.stop();
  await backend?.close();
});

/** Makes a letter that may be sent again. */
async function fail(): Promise<void> {
  await backend.fall();
  const response = await fetch(`http://127.0.0.1:${services[0]?.port}/write`, {
    method: 'PUT',
    headers: { 'x-ledger-id': 'letter' },
    body: 'x',
  });
  expect(response.status).toBe(502);
  await backend.rise();
}

const replay = (...words: string[]) =>
  runProgram(process.execPath, [
    repositoryPath('apps/cli/bin/kafka-http-proxy.js'),
    ...['dlq', 'replay', '--config', config, '--yes', '--timeout', '5', ...words],
  ]);

describe.runIf(CAN_RUN)('each ACL of the guide for operators', () => {
  it.each(grants.map((acl): [string, Acl] => [`${acl.operation} on ${acl.resource} ${acl.name}`, acl]))(
    '%s is needed, missed by name, and enough when it comes',
    { timeout: 120_000 },
    async (_what, acl) => {
      await fail();
      await kafka.revoke([acl]);
      onTestFinished(() => kafka.grant([acl]));
      const before = backend.executions.length;
      const refused = await replay();
      // What only long answers need.
      const isNeeded = acl.name !== 'khp-control';
      expect(refused.code, refused.output).toBe(isNeeded ? 1 : 0);
      expect(refused.output).toMatch(new RegExp(`Kafka denies ${acl.operation} on (group |topic )?${acl.name}`));
      expect(backend.executions.length - before).toBe(isNeeded ? 0 : 1);
      await kafka.grant([acl]);
      const done = await replay();
      expect(done.code, done.output).toBe(0);
    },
  );
});

describe.runIf(CAN_RUN)('an operator without a right to the marks topic', () => {
  it('keeps the marks in a file of his own', { timeout: 120_000 }, async () => {
    const marks = grants.filter(({ name }) => name === MARKS);
    await fail();
    await kafka.revoke(marks);
    onTestFinished(() => kafka.grant(marks));
    const state = join(kafka.dir, 'marks');
    await writeFile(state, '');
    const first = await replay('--state', state);
    expect(first.code, first.output).toBe(0);
    expect(first.output).toMatch(/: (\d+) of \1 sent, 0 failed/);
    const second = await replay('--state', state);
    expect(second.output).toMatch(/^0 of \d+ letters will be sent/);
  });
});

describe.runIf(CAN_RUN)('an operator who only looks', () => {
  const dlq = (...words: string[]) =>
    runProgram(process.execPath, [
      repositoryPath('apps/cli/bin/kafka-http-proxy.js'),
      ...['dlq', ...words, '--config', config],
    ]);
  const isForLooking = ({ name, operation }: Acl) => /^(failed-requests|khp-inbox)/.test(name) && operation !== 'Write';
  const granted = grants.filter(isForLooking);
  const others = grants.filter((acl) => !isForLooking(acl));

  it('needs Read on letters and marks, and is told which of them is missing', { timeout: 120_000 }, async () => {
    await fail();
    await kafka.revoke(others);
    onTestFinished(() => kafka.grant(grants));
    for (const words of [['list'], ['runs'], ['export'], []]) {
      const looked = await dlq(...words);
      expect(looked.code, looked.output).toBe(0);
    }
    const discarded = await dlq('discard', '--method', 'PUT', '--yes');
    expect(discarded).toMatchObject({ code: 1, output: expect.stringContaining(`Kafka denies Write on ${MARKS}`) });
    const purged = await dlq('purge', '--before', 'now', '--yes');
    expect(purged).toMatchObject({
      code: 1,
      output: expect.stringContaining('--operation Delete --topic failed-requests'),
    });
    for (const acl of granted.filter(({ operation }) => operation === 'Read')) {
      await kafka.revoke([acl]);
      const refused = await dlq('list');
      expect(refused).toMatchObject({ code: 1, output: expect.stringContaining(`Kafka denies Read on ${acl.name}`) });
      await kafka.grant([acl]);
    }
  });
});

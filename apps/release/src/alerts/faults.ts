import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Answer, brokerEnv, echo, freePort, repositoryPath, type ServiceProcess } from '@kafka-http-proxy/testkit';
import { writeJunk } from './junk.js';
import type { Stage, StageOptions } from './stage.js';

/** Something that goes wrong under load, and is put right. */
export interface AlertFault {
  readonly about: string;
  readonly alerts: readonly string[];
  readonly setting?: StageOptions;
  /** Before the first scrape. */
  prepare?(stage: Stage): Promise<void>;
  inject(stage: Stage): Promise<void> | void;
  repair(stage: Stage): Promise<void> | void;
}

const ERRORS = ['KafkaHttpProxyErrorsFast', 'KafkaHttpProxyErrorsSlow'];
const LATENCY = ['KafkaHttpProxyLatencyFast', 'KafkaHttpProxyLatencySlow'];
const SHORT = { proxy: { DEFAULT_TIMEOUT: '2' }, topicExtras: ',10,1' };

/** From now on the backend answers so. */
function answerBy(answer: Answer): AlertFault['inject'] {
  return ({ backend }) => {
    backend.answer = answer;
  };
}

/** A backend that answers as it should. */
const heal = answerBy(echo);

/** A backend that answers after a time. */
const slow = (ms: number) => answerBy((...asked) => void setTimeout(() => echo(...asked), ms));

/** The faults by their names. */
export const FAULTS: Readonly<Record<string, AlertFault>> = {
  'backend-down': {
    about: 'the backend ends each connection',
    alerts: [...ERRORS, 'KafkaHttpProxyBreakerOpen', 'KafkaHttpProxyDeadLetters'],
    inject: answerBy((_request, response) => void response.destroy()),
    repair: heal,
  },
  'backend-down-topic-paused': {
    about: 'the backend ends each connection, and its topic waits in Kafka meanwhile',
    alerts: [
      ...ERRORS,
      'KafkaHttpProxyLatencySlow',
      'KafkaHttpProxyBreakerOpen',
      'KafkaHttpProxyDeadLetters',
      'KafkaHttpProxyLateReplies',
      'KafkaHttpProxyQueueSlow',
      'KafkaHttpProxyTopicUnanswered',
    ],
    setting: { proxy: { DEFAULT_TIMEOUT: '2' }, topicKeys: { on_unhealthy: 'pause', timeout: 10, max_retries: 1 } },
    inject: answerBy((_request, response) => void response.destroy()),
    repair: heal,
  },
  'backend-hangs': {
    about: 'the backend does not answer, and clients wait for half as long as the proxy',
    alerts: [...LATENCY, 'KafkaHttpProxyClientsGoAway', 'KafkaHttpProxyQueueSlow'],
    inject: answerBy(() => undefined),
    repair: heal,
  },
  'backend-slow': {
    about: 'the backend takes 1.5 s',
    alerts: LATENCY,
    inject: slow(1500),
    repair: heal,
  },
  'backend-later-than-clients': {
    about: 'the backend takes 3 s and clients wait for 2',
    alerts: [
      ...ERRORS,
      ...LATENCY,
      'KafkaHttpProxyTopicUnanswered',
      'KafkaHttpProxyLateReplies',
      'KafkaHttpProxyDeadLetters',
    ],
    setting: SHORT,
    inject: slow(3000),
    repair: heal,
  },
  'backend-too-slow': {
    about: 'a processor that sends 2 requests at a time, whose backend takes 10 s',
    alerts: [
      ...ERRORS,
      ...LATENCY,
      'KafkaHttpProxyTopicUnanswered',
      'KafkaHttpProxyLateReplies',
      'KafkaHttpProxyDeadLetters',
      'KafkaHttpProxyQueueSlow',
    ],
    setting: { proxy: { DEFAULT_TIMEOUT: '8' }, processor: { MAX_CONCURRENT_REQUESTS: '2' }, topicExtras: ',60,1' },
    inject: slow(10_000),
    repair: heal,
  },
  'processor-gone': {
    about: 'the only processor is killed',
    alerts: [
      ...ERRORS,
      'KafkaHttpProxyProcessorAbsent',
      'KafkaHttpProxyTargetDown',
      'KafkaHttpProxyTopicUnanswered',
      'KafkaHttpProxyLateReplies',
      'KafkaHttpProxyDeadLetters',
    ],
    setting: SHORT,
    async inject({ targets }) {
      await ended(targets, 'processor-0', 'SIGKILL');
    },
    async repair({ bridge, targets }) {
      targets.set('processor-0', await bridge.startProcessor());
    },
  },
  'proxy-gone': {
    about: 'the only proxy is killed',
    alerts: ['KafkaHttpProxyAbsent', 'KafkaHttpProxyTargetDown'],
    async inject({ targets }) {
      await ended(targets, 'proxy-0', 'SIGKILL');
    },
    async repair({ bridge, targets }) {
      targets.set('proxy-0', await bridge.startProxy());
    },
  },
  'broker-gone': {
    about: 'Kafka goes away, and both tiers are led to another',
    alerts: [...ERRORS, 'KafkaHttpProxyNotReady', 'KafkaHttpProxyProcessorNotReady'],
    setting: SHORT,
    inject: async ({ changeBroker }) => await (await changeBroker()).end(),
    async repair({ bridge, targets, changeBroker }) {
      const { broker } = await changeBroker();
      await ended(targets, 'proxy-0', 'SIGKILL');
      await ended(targets, 'processor-0', 'SIGKILL');
      targets.set('processor-0', await bridge.startProcessor(brokerEnv(broker)));
      targets.set('proxy-0', await bridge.startProxy(brokerEnv(broker)));
    },
  },
  'proxy-overloaded': {
    about: 'a proxy that may have 5 requests pending, whose backend takes 0.8 s',
    alerts: [...ERRORS, 'KafkaHttpProxyOverloaded'],
    setting: { proxy: { MAX_PENDING: '5' } },
    inject: slow(800),
    repair: heal,
  },
  'records-of-others': {
    about: 'somebody writes what is no request to the request topic',
    alerts: ['KafkaHttpProxyPoisonRecords', 'KafkaHttpProxyDeadLetters'],
    inject: writeJunk.start,
    repair: writeJunk.stop,
  },
  'partition-shared': {
    about: 'a second proxy reads the same partition of the response topic',
    alerts: ['KafkaHttpProxyPartitionsShared'],
    setting: { proxy: { REPLY_PARTITION: '0' } },
    async inject({ bridge, targets }) {
      targets.set('proxy-1', await bridge.startProxy());
    },
    async repair({ targets }) {
      await ended(targets, 'proxy-1', 'SIGTERM');
      targets.delete('proxy-1');
    },
  },
  'clock-behind': {
    about: 'the clock of the processor is 5 s behind',
    alerts: ['KafkaHttpProxyClockSkew'],
    async inject(stage) {
      const preload = new URL(`file://${repositoryPath('packages/testkit/dist/faults/clock-ahead.js')}`);
      await restartProcessor(stage, { CLOCK_AHEAD_MS: '-5000', NODE_OPTIONS: `--import ${preload.href}` });
    },
    repair: async (stage) => await restartProcessor(stage),
  },
  'configuration-refused': {
    about: 'the configuration of the proxy is changed, with a mistake in it',
    alerts: ['KafkaHttpProxyConfigRefused'],
    async prepare(stage) {
      await configure(stage, { default_timeout: 10 });
      const env = { CONFIG_SOURCE: 'yaml', CONFIG_PATH: fileOf(stage), MANAGEMENT_PORT: String(await freePort()) };
      await restartProxy(stage, env);
    },
    inject: async (stage) => await configure(stage, { default_timeout: -1 }),
    repair: async (stage) => await configure(stage, { default_timeout: 11 }),
  },
};

const fileOf = ({ folder }: Stage) => join(folder, 'proxy.yaml');

async function configure(stage: Stage, keys: object): Promise<void> {
  await writeFile(fileOf(stage), JSON.stringify(keys));
}

async function restartProxy({ bridge, targets }: Stage, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const old = targets.get('proxy-0');
  targets.set('proxy-0', await bridge.startProxy(env));
  await old?.stop();
}

async function restartProcessor(stage: Stage, env: Readonly<Record<string, string>> = {}): Promise<void> {
  await ended(stage.targets, 'processor-0', 'SIGTERM');
  stage.targets.set('processor-0', await stage.bridge.startProcessor(env));
}

async function ended(targets: Map<string, ServiceProcess | null>, name: string, how: NodeJS.Signals): Promise<void> {
  const service = targets.get(name);
  targets.set(name, null);
  await service?.stop(how);
}

import { expect, it } from 'vitest';
import type { KafkaSettings } from '../port/settings.js';
import { listenToLink } from './link-events.js';

const LOGIN =
  'FAIL [thrd:sasl_ssl://k:1/1]: sasl_ssl://k:1/1: SASL authentication error: no (after 1ms in state AUTH_REQ)';
const DISCONNECTED = 'FAIL [thrd:sasl_ssl://k:1/1]: sasl_ssl://k:1/1: Disconnected (after 1ms in state UP)';
const SENTENCE =
  'broker k:1 refuses the SASL login: SASL authentication error: no. Check sasl.mechanism, sasl.username and sasl.password';

function setUp() {
  const time = { now: 0 };
  const told: string[] = [];
  const lines: string[] = [];
  const settings: KafkaSettings = {
    bootstrapServers: 'k:1',
    clientId: 'test',
    properties: {},
    maxRecordBytes: 1,
    events: {
      error: (_client, { message }) => lines.push(message),
      log: (_client, level, message) => lines.push(level < 7 ? message : 'debug'),
      restarted: () => undefined,
    },
  };
  const link = listenToLink(
    settings,
    (sentence) => told.push(sentence),
    () => time.now,
  );
  return { link, time, told, lines };
}

it('passes on what the clients tell', () => {
  const { link, lines } = setUp();
  link.settings.events.log('producer', 3, LOGIN);
  link.settings.events.error('producer', { code: -1, name: 'x', message: 'an error', fatal: false });
  expect(lines).toEqual([LOGIN, 'an error']);
});

it('logs the same failure again as debug only', () => {
  const { link, lines, time } = setUp();
  for (const at of [0, 100, 60_000]) {
    time.now = at;
    link.settings.events.log('producer', 3, LOGIN);
  }
  link.settings.events.log('inbox_reader', 3, LOGIN);
  expect(lines).toEqual([LOGIN, 'debug', LOGIN, LOGIN]);
});

it('knows a refused login from the disconnect that follows it, and tells it once', () => {
  const { link, told, time } = setUp();
  const again = LOGIN.replace('error: no', 'error: failed during re-authentication');
  const other = LOGIN.replaceAll('k:1', 'k:2');
  const first = again.replace('re-authentication', 'authentication');
  for (const line of [LOGIN, DISCONNECTED, LOGIN, again, other, first, other, LOGIN]) {
    link.settings.events.log('producer', 3, line);
    time.now += 1000;
  }
  expect(link.trouble()).toBe(SENTENCE);
  expect(told).toEqual([
    SENTENCE,
    SENTENCE.replace('error: no', 'error: failed during authentication'),
    SENTENCE.replace('k:1', 'k:2'),
  ]);
});

it('forgets what was not said again for a while', () => {
  const { link, told, time } = setUp();
  link.settings.events.log('producer', 3, LOGIN);
  time.now += 60_000;
  expect(link.trouble()).toBeNull();
  link.settings.events.log('producer', 3, DISCONNECTED);
  expect(link.trouble()).toBe('broker k:1: Disconnected');
  // Kafka is away: that is for /ready, and librdkafka's own line is in the log.
  expect(told).toEqual([SENTENCE]);
});

it('gives a hint of what Kafka refused', () => {
  const { link } = setUp();
  const topics: (string | undefined)[] = [];
  link.onDenied = (topic) => topics.push(topic);
  const denial = { code: 29, name: 'TOPIC_AUTHORIZATION_FAILED', message: 'denied', fatal: false };
  link.settings.events.error('producer', { ...denial, topic: 'requests' });
  link.settings.events.error('request_consumer', denial);
  link.settings.events.error('producer', { ...denial, code: -195 });
  expect(topics).toEqual(['requests', undefined]);
});

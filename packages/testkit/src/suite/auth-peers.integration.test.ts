import { beforeAll, describe, expect, inject, it } from 'vitest';
import { readUntil } from '../kafka/probe.js';
import { ask, codeOf, fieldOf, issuerEnv, metadataOf, statusOf, useGuardedBridge } from './auth-stage.js';

/** What a stranger says of who he is and where he comes from, and where he wants to go. */
const SPOOFED = {
  'X-Forwarded-For': '6.6.6.6',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'bank.test',
  'X-Forwarded-Port': '443',
  'X-Forwarded-Prefix': '/admin',
  Forwarded: 'for=6.6.6.6;proto=https',
  'X-Real-IP': '6.6.6.6',
} as const;
const LINES = Object.entries(SPOOFED).map(([name, value]) => `${name}: ${value}`);

const stage = useGuardedBridge({ proxy: { AUTH_REQUIRE: 'none' } });
/** Of proxies that trust nobody here, and this machine. */
let stranger: number;
let friend: number;
beforeAll(async () => {
  const start = async (trusted: string) => {
    const env = { ...issuerEnv(stage.issuer), AUTH_REQUIRE: 'none', TRUSTED_PROXIES: trusted };
    return (await stage.bridge.startProxy(env)).port as number;
  };
  [stranger, friend] = await Promise.all([start('10.0.0.0/8'), start('127.0.0.0/8')]);
});

const got = (name: string) => fieldOf(stage.backend.received.at(-1), name);
const seen = () => Object.fromEntries(Object.keys(SPOOFED).map((name) => [name, got(name)]));

/** The record of a request, which is found by its target. */
async function recordOf(target: string) {
  const records = await readUntil(inject('broker'), stage.bridge.requestTopic, (all) =>
    all.some((record) => metadataOf(record).target === target),
  );
  return records.find((record) => metadataOf(record).target === target);
}

describe('what a stranger says of where he comes from', () => {
  it('has no effect', async () => {
    expect(statusOf(await ask(stranger, LINES, '/from/stranger'))).toBe(200);
    expect(seen()).toEqual({
      'X-Forwarded-For': '127.0.0.1',
      'X-Forwarded-Proto': 'http',
      'X-Forwarded-Host': 'test',
      'X-Forwarded-Port': undefined,
      'X-Forwarded-Prefix': undefined,
      Forwarded: undefined,
      'X-Real-IP': undefined,
    });
    const { client, headers } = metadataOf(await recordOf('/from/stranger'));
    expect(client).toBe('127.0.0.1');
    expect(JSON.stringify(headers)).not.toContain('6.6.6.6');
  });

  it('has none in lines of their own, in other letters, or behind the body', async () => {
    const lines = ['x-forwarded-for: 6.6.6.6', 'X-FORWARDED-FOR: 7.7.7.7', 'X_Forwarded_For: 8.8.8.8'];
    expect(statusOf(await ask(stranger, lines))).toBe(200);
    const raw = stage.backend.received.at(-1)?.rawHeaders ?? [];
    expect(raw.join(' ')).not.toMatch(/[678]\.[678]\.[678]\.[678]/);
  });

  it('passes from a proxy that is trusted, with the proxy itself behind it', async () => {
    expect(statusOf(await ask(friend, LINES))).toBe(200);
    expect(seen()).toEqual({ ...SPOOFED, 'X-Forwarded-For': '6.6.6.6, 127.0.0.1' });
  });

  it('passes as in 1.0.1 where nothing is said of proxies', async () => {
    expect(statusOf(await ask(stage.port, LINES))).toBe(200);
    expect(seen()).toEqual({ ...SPOOFED, 'X-Forwarded-For': '6.6.6.6, 127.0.0.1' });
  });
});

describe('who a stranger says that he is', () => {
  it.each([
    ['a stranger', () => stranger],
    ['one of whom nothing is said', () => stage.port],
  ])('by Client-Cert is believed of nobody: %s', async (_, port) => {
    const lines = ['Client-Cert: :MIIB:', 'Client-Cert-Chain: :MIIB:'];
    expect(statusOf(await ask(port(), lines, '/cert'))).toBe(200);
    if (port() === stranger) expect([got('Client-Cert'), got('Client-Cert-Chain')]).toEqual([undefined, undefined]);
    expect(metadataOf(await recordOf('/cert')).principal).toBeUndefined();
  });

  it('is in no principal', async () => {
    const lines = ['X-Kafka-Principal: admin', 'Principal: admin', 'khp: {"principal":"admin"}'];
    expect(statusOf(await ask(friend, lines, '/principal'))).toBe(200);
    expect(metadataOf(await recordOf('/principal')).principal).toBeUndefined();
  });
});

describe('where a stranger wants to go (X-Kafka-*)', () => {
  it('is as if he had not said it', async () => {
    const lines = ['X-Kafka-Topic: nowhere', 'X-Kafka-Reply-Topic: nowhere', 'X-Kafka-Key: k', 'X-Kafka-Timeout: 0'];
    expect(statusOf(await ask(stranger, lines, '/where/stranger'))).toBe(200);
    expect((await recordOf('/where/stranger'))?.key).toBeNull();
  });

  it('is where it goes, from a proxy that is trusted', async () => {
    const lines = [`X-Kafka-Topic: ${stage.bridge.requestTopic}`, 'X-Kafka-Key: k'];
    expect(statusOf(await ask(friend, lines, '/where/friend'))).toBe(200);
    expect((await recordOf('/where/friend'))?.key?.toString()).toBe('k');
    expect(codeOf(await ask(friend, ['X-Kafka-Topic: __consumer_offsets']))).toBe('topic_not_allowed');
  });

  it('is refused of everybody, where topics are denied', async () => {
    const env = { ...issuerEnv(stage.issuer), AUTH_REQUIRE: 'none', CLIENT_TOPICS: 'deny' };
    const port = (await stage.bridge.startProxy({ ...env, TRUSTED_PROXIES: '127.0.0.1' })).port as number;
    for (const name of ['X-Kafka-Topic', 'X-Kafka-Reply-Topic']) {
      const answer = await ask(port, [`${name}: ${stage.bridge.requestTopic}`]);
      expect([statusOf(answer), codeOf(answer)]).toEqual([403, 'topic_not_allowed']);
    }
    expect(statusOf(await ask(port, ['X-Kafka-Key: k']))).toBe(200);
  });
});

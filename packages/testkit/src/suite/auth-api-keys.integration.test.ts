import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { startLoad } from '../identity/load.js';
import { readUntil } from '../kafka/probe.js';
import { freePort } from '../machine/ports.js';
import type { ServiceProcess } from '../services/service-process.js';
import { ask, codeOf, fieldOf, metadataOf, statusOf, useGuardedBridge } from './auth-stage.js';
import { refused, taken } from './reload-status.js';

const stage = useGuardedBridge();
const newKey = () => randomBytes(24).toString('base64url');
const hash = (key: string) => createHash('sha256').update(key).digest('hex');
const SHOP = newKey();
const SHOP_NEXT = newKey();
const REPORTS = newKey();
const LATER = newKey();

/** As YAML: names may come as they are, and with scopes. */
const FILE = `shop:
  sha256: [${hash(SHOP)}, ${hash(SHOP_NEXT)}]
  scopes: [orders:write]
reports: ${hash(REPORTS)}
`;

let dir: string;
let file: string;
let proxy: ServiceProcess;
let port: number;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'khp-api-keys-'));
  file = join(dir, 'keys.yaml');
  await writeFile(file, FILE);
  const routes = [
    { path: '/orders', request_topic: stage.bridge.requestTopic, auth: ['api_key'], scopes: ['orders:write'] },
    { path: '/any', request_topic: stage.bridge.requestTopic },
  ];
  const env = { AUTH_API_KEYS_FILE: file, ROUTES: JSON.stringify(routes) };
  // Its /status is told of what was read again.
  proxy = await stage.bridge.startProxy({ ...env, MANAGEMENT_PORT: String(await freePort()) });
  port = proxy.port as number;
});
afterAll(() => rm(dir, { recursive: true }));

const send = (key: string, target = '/any') => ask(port, [`X-API-Key: ${key}`], target);

describe('an API key', () => {
  it.each([
    ['the first of a name', SHOP],
    ['the second of it, for the change of keys', SHOP_NEXT],
    ['one without scopes', REPORTS],
  ])('that is good lets through, and goes no further: %s', async (_, key) => {
    expect(statusOf(await send(key))).toBe(200);
    expect(JSON.stringify(stage.backend.received.at(-1)?.rawHeaders)).not.toContain(key);
    expect(JSON.stringify(proxy.log)).not.toContain(key);
  });

  it.each([
    ['unknown', [`X-API-Key: ${LATER}`]],
    ['empty', ['X-API-Key: ']],
    ['the hash of a good one', [`X-API-Key: ${hash(SHOP)}`]],
    ['a name', ['X-API-Key: shop']],
    ['there twice', [`X-API-Key: ${SHOP}`, `X-API-Key: ${SHOP}`]],
    ['two in a list', [`X-API-Key: ${SHOP}, ${SHOP_NEXT}`]],
    ['too long', [`X-API-Key: ${'k'.repeat(20_000)}`]],
    ['in another field', [`Authorization: Bearer ${SHOP}`]],
    ['not there', []],
  ])('that is bad is refused: %s', async (_, lines) => {
    const before = stage.backend.received.length;
    const answer = await ask(port, lines, '/any');
    expect([statusOf(answer), codeOf(answer)]).toEqual([401, 'unauthenticated']);
    expect(fieldOf(answer, 'WWW-Authenticate')).toBeDefined();
    expect(stage.backend.received.length).toBe(before);
  });

  it('is taken from no query', async () => {
    expect(statusOf(await ask(port, [], `/any?X-API-Key=${SHOP}&api_key=${SHOP}`))).toBe(401);
  });

  it('has the scopes of its name', async () => {
    expect(statusOf(await send(SHOP, '/orders'))).toBe(200);
    const answer = await send(REPORTS, '/orders');
    expect([statusOf(answer), codeOf(answer)]).toEqual([403, 'forbidden']);
  });

  it('is known by its name in Kafka', async () => {
    await send(SHOP, '/any/named');
    const named = (target: unknown) => target === '/any/named';
    const broker = inject('broker');
    const records = await readUntil(broker, stage.bridge.requestTopic, (all) =>
      all.some((record) => named(metadataOf(record).target)),
    );
    const record = records.find((one) => named(metadataOf(one).target));
    expect(metadataOf(record).principal).toBe('shop@api_key');
    expect(JSON.stringify(record?.headers)).not.toContain(SHOP);
  });
});

describe('the file of the keys', () => {
  it('adds and revokes under load: no request of another fails', async () => {
    const load = startLoad(3, async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/any`, { headers: { 'X-API-Key': SHOP } });
      await answer.arrayBuffer();
      return answer.status;
    });
    expect(statusOf(await send(LATER))).toBe(401);
    await taken(proxy, () => writeFile(file, `${FILE}later: ${hash(LATER)}\n`));
    expect(statusOf(await send(LATER))).toBe(200);
    await taken(proxy, () => writeFile(file, FILE));
    expect(statusOf(await send(LATER))).toBe(401);
    expect(Object.keys(await load.end())).toEqual(['200']);
  });

  it('is noticed without a signal', async () => {
    await writeFile(file, `${FILE}later: ${hash(LATER)}\n`);
    await vi.waitFor(async () => expect(statusOf(await send(LATER))).toBe(200), { timeout: 20_000, interval: 100 });
    await taken(proxy, () => writeFile(file, FILE));
  });

  it.each([
    ['a key and no hash', `shop: ${SHOP}\n`],
    ['no YAML', 'shop: [\n'],
    ['a list', `- ${hash(SHOP)}\n`],
    ['one hash for two names', `${FILE}other: ${hash(SHOP)}\n`],
  ])('with a mistake is refused, and what was good stays: %s', async (_, text) => {
    await refused(proxy, () => writeFile(file, text), /api_keys|key/);
    expect(statusOf(await send(SHOP))).toBe(200);
    expect(JSON.stringify(proxy.log)).not.toContain(SHOP);
    await taken(proxy, () => writeFile(file, FILE));
  });
});

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type OpenImage, openImage } from './container.js';
import { boundsOf, type Pair, startPair } from './pair.js';
import { imageName, type Target } from './targets.js';

const TIERS = ['proxy', 'processor'] as const;
const BODY = Buffer.from([0, 255, ...Buffer.from('through both')]);

const PAIRS: readonly (readonly [what: string, images: Readonly<Record<'proxy' | 'processor', Target>>])[] = [
  ['a proxy and a processor from images of their own', { proxy: 'proxy', processor: 'processor' }],
  ['a proxy and a processor from the combined image', { proxy: 'combined', processor: 'combined' }],
];

describe.each(PAIRS)('%s', (_, targets) => {
  const images: OpenImage[] = [];
  let pair: Pair;
  let opened: Readonly<Record<'proxy' | 'processor', OpenImage>>;

  beforeAll(async () => {
    const [proxy, processor] = [
      await openImage(`localhost/${imageName(targets.proxy)}`),
      await openImage(`localhost/${imageName(targets.processor)}`),
    ];
    images.push(proxy, processor);
    opened = { proxy, processor };
    const { bootstrapServers } = inject('images');
    pair = await startPair({ name: `pair-${targets.proxy}`, proxy, processor, bootstrapServers });
  });
  afterAll(async () => {
    await Promise.all([pair?.proxy.stop(), pair?.processor.stop(), pair?.backend.close()]);
    for (const image of images) await image.close();
  });

  it.each(TIERS)('start: the %s is ready', (tier) => {
    console.log(`${imageName(targets[tier])} as the ${tier}: ready in ${pair[tier].readyMs} ms`);
    expect(pair[tier].exit()).toBeUndefined();
  });

  it('answer a request through both', async () => {
    const response = await fetch(`${pair.url}/a%2Fb?x=1&x=2`, { method: 'PUT', body: BODY });
    expect(Buffer.from(await response.arrayBuffer())).toEqual(BODY);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-target')).toBe('/a%2Fb?x=1&x=2');
  });

  it.each(TIERS)('are healthy by the health check of the %s’s image', async (tier) => {
    const command = opened[tier].config.Healthcheck?.Test?.slice(1) ?? [];
    expect(await pair[tier].exec(command)).toMatch(/: 200$/);
  });

  it.each(TIERS)('keep the %s from root, capabilities, ways to gain any, and from writing', async (tier) => {
    expect(await boundsOf(pair[tier])).toEqual({
      init: 'tini',
      uid: '10001',
      capabilities: '0'.repeat(16),
      noNewPrivileges: '1',
      writable: [],
    });
  });

  it.runIf(targets.processor === 'combined')('are operated by the commands in their image', async () => {
    const out = await pair.processor.exec(['kafka-http-proxy', 'lag', '--json']);
    const rows = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(rows).toContainEqual(expect.objectContaining({ topic: `pair-${targets.proxy}-requests`, lag: 0 }));
  });

  // The proxy first: the processor answers what it accepted.
  it.each(TIERS)('end on SIGTERM: the %s with 0', async (tier) => {
    expect(await pair[tier].stop()).toBe(0);
  });
});

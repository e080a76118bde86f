import { constants } from 'node:os';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type OpenImage, openImage, stopAtOnce } from './container.js';
import { type Added, addedBy, foreignApps, unwanted } from './contents.js';
import { appPackages, type Bill, notInLockfile, schemaProblems, writeBill } from './sbom.js';
import { imageName, TARGETS, type Target, VERSION } from './targets.js';

const LIMIT_BYTES = 45e6;

const { base, syft } = inject('images');
let baseLayers: number;

beforeAll(async () => {
  const bare = await openImage(base);
  await bare.close();
  baseLayers = bare.layers;
});

describe.each(Object.keys(TARGETS) as Target[])('the image of %s', (target) => {
  let image: OpenImage;
  let added: Added;
  let bill: Bill;

  it('builds', async () => {
    image = await openImage(`localhost/${imageName(target)}`);
    added = await addedBy(image, baseLayers);
    console.log(`${imageName(target)} adds ${(added.bytes / 1e6).toFixed(1)} MB over its base`);
    expect(added.files).not.toEqual([]);
  });
  afterAll(() => image?.close());

  it(`adds ${LIMIT_BYTES / 1e6} MB to its base at most`, () => {
    expect(added.bytes).toBeLessThanOrEqual(LIMIT_BYTES);
  });

  it('holds no compiler, test, dev dependency, cache or secret', () => {
    expect(unwanted(added.files)).toEqual([]);
  });

  it('holds no other app', () => {
    expect(foreignApps(added.files, TARGETS[target])).toEqual([]);
  });

  it('has its user, init, health check and labels', () => {
    const { User: user, Healthcheck: health, Entrypoint: entrypoint, Labels = {} } = image.config;
    const label = (name: string) => Labels[`org.opencontainers.image.${name}`];
    expect(user).toBe('10001:10001');
    expect(health?.Test?.[0]).toBe('CMD');
    expect(entrypoint?.[0]).toBe('tini');
    expect(`${label('title')}:${label('version')}`).toBe(imageName(target));
    expect(label('version')).toBe(VERSION);
    expect(label('licenses')).toBe('MIT');
    expect(label('base.name')).toBe(base);
    expect(Date.parse(label('created') ?? '')).not.toBeNaN();
  });

  it('ends at once when it is told to before it is up', async () => {
    const env = { KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1', KAFKA_TOPICS: 'a:b,c,http://127.0.0.1:1' };
    // By the signal, or in order where the service was quick.
    const ways = [128 + constants.signals.SIGTERM, 0];
    expect(ways).toContain(await stopAtOnce(image, { name: `early-${target}`, env }));
  });

  it('has a bill of materials that CycloneDX’s schema accepts', async () => {
    bill = await writeBill(syft, target, image);
    console.log(`${bill.components.length} components: ${bill.file}`);
    expect(await schemaProblems(bill)).toBeNull();
    const purls = bill.components.map(({ purl = '' }) => purl);
    for (const part of ['pkg:generic/node@', 'pkg:deb/debian/tini@', 'pkg:npm/%40confluentinc/kafka-javascript@'])
      expect(purls).toContainEqual(expect.stringContaining(part));
  });

  it('has the versions of the lockfile', () => {
    const packages = appPackages(bill);
    expect(packages).not.toEqual([]);
    expect(notInLockfile(packages)).toEqual([]);
  });
});

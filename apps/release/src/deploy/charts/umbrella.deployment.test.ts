import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { CHARTS } from '../../documents/chart-readme.js';
import { run } from '../../machine/run.js';
import type { Tier } from '../../tiers.js';
import type { KubernetesObject } from '../kubernetes-object.js';
import { createValidator } from '../validator.js';
import { configurationMistakes } from './configuration-mistakes.js';
import { fitMistakes } from './fit-mistakes.js';
import { objectMistakes } from './object-mistakes.js';
import { createRenderer } from './render.js';
import { ALIAS, writeUmbrella } from './umbrella.js';

/** The second one has the names of both charts in it. */
const RELEASES = ['bridge', 'proxy-processor'];

const DEPENDENCIES: readonly (readonly [chart: string, tier: Tier])[] = [
  ['proxy', 'proxy'],
  ['processor', 'processor'],
  [ALIAS, 'proxy'],
];

const tools = inject('deployment');
const version = inject('kubernetesVersions').at(-1) as string;
const render = createRenderer(tools.helm);
const validator = createValidator(tools);
const dir = mkdtempSync(join(tmpdir(), 'khp-umbrella-'));

beforeAll(() => writeUmbrella(dir));
afterAll(() => {
  validator.close();
  rmSync(dir, { recursive: true });
});

describe('a chart that depends on both charts', () => {
  it('gets them by helm dependency update', async () => {
    await run(tools.helm, ['dependency', 'update', '--skip-refresh', join(dir, 'umbrella')]);
  });

  describe.each(RELEASES)('as release %s', (release) => {
    const all = () => render({ chart: join(dir, 'umbrella'), values: [], version, release });
    const of = async (chart: string) =>
      (await all()).filter(({ metadata }) => metadata.labels['app.kubernetes.io/name'] === chart);

    it('is valid for the newest Kubernetes, and its pods are restricted', async () => {
      expect(await objectMistakes(validator, tools, await all(), version)).toEqual([]);
    });

    it('has no two objects of one name', async () => {
      const names = (await all()).map(nameOf);
      expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    });

    it.each(CHARTS)('has the %s as its chart alone makes it', async (chart) => {
      const values = ['-f', join(dir, `${chart}.json`)];
      const alone = await render({ chart: join('docker/helm', chart), values, version, release });
      expect(byName(await of(chart))).toEqual(byName(alone));
    });

    it.each(DEPENDENCIES)('has objects of the %s that fit each other', async (chart) => {
      expect(fitMistakes(await of(chart))).toEqual([]);
    });

    it.each(DEPENDENCIES)('has a configuration of the %s that its command takes', async (chart, tier) => {
      expect(await configurationMistakes(tier, await of(chart))).toEqual([]);
    });
  });
});

const nameOf = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata.name}`;

function byName(objects: readonly KubernetesObject[]): Record<string, KubernetesObject> {
  return Object.fromEntries(objects.map((object) => [nameOf(object), object]));
}

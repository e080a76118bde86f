import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { CHARTS, chartReadme, readChart, valueRows } from '../../documents/chart-readme.js';
import { chartSchema } from '../../documents/chart-schemas.js';
import { ROOT } from '../../machine/paths.js';
import { run } from '../../machine/run.js';
import { workloadOf } from '../kubernetes-object.js';
import { createValidator } from '../validator.js';
import { configurationMistakes } from './configuration-mistakes.js';
import { fitMistakes } from './fit-mistakes.js';
import { objectMistakes } from './object-mistakes.js';
import { REFUSED } from './refused-values.js';
import { createRenderer, IMAGE, valuesOf } from './render.js';

const tools = inject('deployment');
const versions = inject('kubernetesVersions');
const newest = versions.at(-1) as string;
const render = createRenderer(tools.helm);
const validator = createValidator(tools);

afterAll(() => validator.close());

describe.each(CHARTS)('docker/helm/%s', (chart) => {
  const dir = join('docker/helm', chart);

  it('has a description, a default and a schema for each value', () => {
    const { schema, values } = readChart(chart);
    const rows = valueRows(schema, values);
    expect(rows.filter(({ about }) => about === '').map(({ path }) => path)).toEqual([]);
    const own = rows.filter(({ path }) => !path.includes('[]') && path !== 'global');
    expect(own.filter(({ path }) => at(values, path) === undefined).map(({ path }) => path)).toEqual([]);
  });

  it('has a README that says what its schema says (else run pnpm docs:charts)', () => {
    expect(readFileSync(join(ROOT, dir, 'README.md'), 'utf8')).toBe(chartReadme(chart));
  });

  it("has the configuration's own schema in values.schema.json (else run pnpm docs:schemas)", () => {
    const { before, after } = chartSchema(chart);
    expect(before).toBe(after);
  });

  it.each(REFUSED[chart])('refuses $what', async ({ values, word }) => {
    const rendered = render({
      chart: dir,
      values: [...IMAGE, ...values.flatMap((value) => ['--set', value])],
      version: '1.30',
    });
    await expect(rendered).rejects.toThrow(word);
  });

  describe.each(valuesOf(chart))('with its $name values', ({ name, values }) => {
    const objects = (version = newest) => render({ chart: dir, values, version });

    it('passes helm lint --strict', async () => {
      await run(tools.helm, ['lint', '--strict', '--kube-version', newest, dir, ...values]);
    });

    it.each(versions)('is valid for Kubernetes %s, and its pods are restricted', async (version) => {
      expect(await objectMistakes(validator, tools, await objects(version), version)).toEqual([]);
    });

    it('makes objects that fit each other', async () => {
      expect(fitMistakes(await objects())).toEqual([]);
    });

    if (name === 'openshift')
      it('leaves out ids that are empty', async () => {
        const { securityContext = {} } = workloadOf(await objects()).spec.template.spec;
        const ids = ['runAsUser', 'runAsGroup', 'fsGroup'];
        expect(Object.keys(securityContext).filter((key) => ids.includes(key))).toEqual([]);
      });

    it(`makes a configuration that kafka-${chart} --check takes`, async () => {
      expect(await configurationMistakes(chart, await objects())).toEqual([]);
    });
  });
});

function at(values: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], values);
}

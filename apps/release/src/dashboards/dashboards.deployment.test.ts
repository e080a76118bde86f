import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import { createRenderer, IMAGE } from '../deploy/charts/render.js';
import { ROOT } from '../machine/paths.js';
import { schemaMistakes } from './grafana-schema.js';
import { CHART_DASHBOARDS, DASHBOARDS, dashboardFiles, dashboardJson } from './index.js';

const render = createRenderer(inject('deployment').helm);

it("dashboards are taken by Grafana's own schema", { timeout: 600_000 }, async () => {
  expect(await schemaMistakes(dashboardFiles().map(({ path }) => join(ROOT, path)))).toEqual([]);
});

it('a key of a panel that Grafana does not know is found', { timeout: 600_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'khp-dashboard-'));
  onTestFinished(() => rmSync(dir, { recursive: true }));
  const file = join(dir, 'wrong.json');
  writeFileSync(file, dashboardJson(dashboard('proxy')).replace('"legendFormat"', '"legendFromat"'));
  expect(await schemaMistakes([file])).toEqual([expect.stringContaining('legendFromat')]);
});

it.each(Object.entries(CHART_DASHBOARDS))('the chart %s has its dashboards in ConfigMaps', async (chart, names) => {
  const values = [...IMAGE, '--set', 'dashboards.enabled=true', '--set', 'dashboards.namespace=monitoring'];
  const objects = await render({ chart: `docker/helm/${chart}`, values, version: '1.30' });
  const maps = objects.filter(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.labels.grafana_dashboard === '1',
  );
  expect(maps.map(({ metadata }) => metadata.namespace)).toEqual(names.map(() => 'monitoring'));
  const files = Object.assign({}, ...maps.map(({ data }) => data)) as Record<string, string>;
  for (const name of names) expect(JSON.parse(files[`${name}.json`] ?? '')).toEqual(plain(name));
});

function dashboard(name: string) {
  const made = DASHBOARDS[name]?.();
  if (made === undefined) throw new Error(`there is no dashboard ${name}`);
  return made;
}

/** As JSON has it. */
function plain(name: string): unknown {
  return JSON.parse(dashboardJson(dashboard(name)));
}

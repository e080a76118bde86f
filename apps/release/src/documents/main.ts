// main.js [configuration|schemas|alerts|dashboards|charts] [--check]: writes documents from what they are made of, all kinds or one.
// With --check it changes nothing, and fails where one is out of date.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dashboardFiles } from '../dashboards/index.js';
import { ROOT } from '../machine/paths.js';
import { chartAlerts } from './chart-alerts.js';
import { CHARTS, chartReadme } from './chart-readme.js';
import { chartSchema } from './chart-schemas.js';
import { withKeyTables } from './configuration-tables.js';

interface Document {
  readonly path: string;
  readonly text: string;
}

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const KINDS: Readonly<Record<string, () => Document[]>> = {
  /** The tables of keys, from the schemas of the configuration. */
  configuration: () => ['docs/configuration.md'].map((path) => ({ path, text: withKeyTables(read(path)) })),
  /** `config` of each chart's values, from the same schemas. */
  schemas: () => CHARTS.map(chartSchema).map(({ path, after }) => ({ path, text: after })),
  /** The alerts of each chart, from those of docker/prometheus. */
  alerts: () => CHARTS.map((chart) => ({ path: `docker/helm/${chart}/alerts.yaml`, text: chartAlerts(chart) })),
  /** Grafana's dashboards, for compose and in the charts. */
  dashboards: dashboardFiles,
  /** The README of each chart, from its values and their schema. */
  charts: () => CHARTS.map((chart) => ({ path: `docker/helm/${chart}/README.md`, text: chartReadme(chart) })),
};

const words = process.argv.slice(2);
const check = words.includes('--check');
const kinds = words.filter((word) => word !== '--check');
const unknown = kinds.find((kind) => KINDS[kind] === undefined);
if (unknown !== undefined) throw new Error(`${unknown}: ${Object.keys(KINDS).join(', ')} or --check was expected`);

for (const kind of kinds.length === 0 ? Object.keys(KINDS) : kinds) {
  for (const { path, text } of KINDS[kind]?.() ?? []) {
    if (existsSync(join(ROOT, path)) && read(path) === text) continue;
    if (check) {
      console.error(`${path} is out of date: run npx -y pnpm@10 docs:${kind}`);
      process.exitCode = 1;
    } else {
      mkdirSync(dirname(join(ROOT, path)), { recursive: true });
      writeFileSync(join(ROOT, path), text);
      console.log(`${path} was written`);
    }
  }
}

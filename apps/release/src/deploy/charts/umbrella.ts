import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readChart } from '../../documents/chart-readme.js';
import { ROOT } from '../../machine/paths.js';

/** Values of each dependency. */
const VALUES = {
  proxy: { image: { repository: 'registry.example.com/kafka-http-proxy/proxy' }, networkPolicy: { enabled: true } },
  processor: {
    image: { repository: 'registry.example.com/kafka-http-proxy/processor' },
    keda: { enabled: true },
    securityContext: { runAsUser: '', runAsGroup: '', fsGroup: '' },
  },
} as const;

/** The same proxy once more, for another tenant. */
export const ALIAS = 'tenant';

/** Writes a chart that has both charts as dependencies, and beside it a file of values for each chart alone. */
export function writeUmbrella(dir: string): void {
  const dependency = (name: 'proxy' | 'processor', alias?: string) => ({
    name,
    version: readChart(name).about.version,
    repository: `file://${join(ROOT, 'docker/helm', name)}`,
    ...(alias && { alias }),
  });
  mkdirSync(join(dir, 'umbrella'));
  const about = {
    apiVersion: 'v2',
    name: 'umbrella',
    version: '1.0.0',
    dependencies: [dependency('proxy'), dependency('processor'), dependency('proxy', ALIAS)],
  };
  // JSON is YAML too.
  writeFileSync(join(dir, 'umbrella/Chart.yaml'), JSON.stringify(about));
  writeFileSync(join(dir, 'umbrella/values.yaml'), JSON.stringify({ ...VALUES, [ALIAS]: VALUES.proxy }));
  for (const [chart, values] of Object.entries(VALUES))
    writeFileSync(join(dir, `${chart}.json`), JSON.stringify(values));
}

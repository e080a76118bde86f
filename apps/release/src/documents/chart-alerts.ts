import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../machine/paths.js';
import type { Chart } from './chart-readme.js';

/** The one source of the alerts, from the root of the repository. */
export const ALERTS_FILE = 'docker/prometheus/alerts.yaml';

/** The groups that a chart has: those of its tier, and the proxy's those of the whole path too. */
const GROUPS = {
  proxy: ['kafka-http-proxy-objectives', 'kafka-http-proxy-proxy'],
  processor: ['kafka-http-proxy-processor'],
} as const;

/** What a chart has of {@link ALERTS_FILE}, as a file of rules. @throws Error where a group is missing */
export function chartAlerts(chart: Chart): string {
  const [, ...parts] = readFileSync(join(ROOT, ALERTS_FILE), 'utf8').split(/^(?= {2}- name: | {2}# )/m);
  const groups = GROUPS[chart].map((name) => {
    const at = parts.findIndex((part) => part.startsWith(`  - name: ${name}\n`));
    if (at < 0) throw new Error(`${ALERTS_FILE} has no group ${name}`);
    return parts[at];
  });
  return `# Of ${ALERTS_FILE}: written by pnpm docs:alerts.\ngroups:\n${groups.join('')}`;
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../machine/paths.js';
import { parseYaml } from '../machine/yaml.js';

/** The one source of the alerts, from the root of the repository. */
export const ALERTS_FILE = 'docker/prometheus/alerts.yaml';

/** A rule of Prometheus: an alert, or a series that alerts are made of. */
export interface Rule {
  readonly alert?: string;
  readonly record?: string;
  /** In PromQL. */
  readonly expr: string;
  readonly for?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An alert: a rule that has all of these. */
export type Alert = Required<Omit<Rule, 'record'>>;

/** The rules of {@link ALERTS_FILE}, in its order. @throws YAMLParseError */
export function readRules(): Rule[] {
  const { groups } = parseYaml<{ groups: { rules: Rule[] }[] }>(readSource());
  return groups.flatMap(({ rules }) => rules);
}

/** The alerts among {@link readRules}. */
export function readAlerts(): Alert[] {
  return readRules().filter((rule): rule is Alert => rule.alert !== undefined);
}

/** The groups that a chart has: those of its tier, and the proxy's those of the whole path too. */
const GROUPS = {
  proxy: ['kafka-http-proxy-objectives', 'kafka-http-proxy-proxy'],
  processor: ['kafka-http-proxy-processor'],
} as const;

/** What a chart has of {@link ALERTS_FILE}, as a file of rules. @throws Error where a group is missing */
export function chartAlerts(chart: keyof typeof GROUPS): string {
  const [, ...parts] = readSource().split(/^(?= {2}- name: | {2}# )/m);
  const groups = GROUPS[chart].map((name) => {
    const at = parts.findIndex((part) => part.startsWith(`  - name: ${name}\n`));
    if (at < 0) throw new Error(`${ALERTS_FILE} has no group ${name}`);
    return parts[at];
  });
  return `# Of ${ALERTS_FILE}: written by pnpm docs:alerts.\ngroups:\n${groups.join('')}`;
}

function readSource(): string {
  return readFileSync(join(ROOT, ALERTS_FILE), 'utf8');
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALERTS_FILE } from '../documents/chart-alerts.js';
import { ROOT } from '../machine/paths.js';
import { parseYaml } from '../machine/yaml.js';

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
  const { groups } = parseYaml<{ groups: { rules: Rule[] }[] }>(readFileSync(join(ROOT, ALERTS_FILE), 'utf8'));
  return groups.flatMap(({ rules }) => rules);
}

/** The alerts among {@link readRules}. */
export function readAlerts(): Alert[] {
  return readRules().filter((rule): rule is Alert => rule.alert !== undefined);
}

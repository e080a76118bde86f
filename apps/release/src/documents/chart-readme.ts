import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../machine/paths.js';
import { parseYaml } from '../machine/yaml.js';
import { table } from './markdown.js';

/** The charts of this repository, each named as its tier. */
export const CHARTS = ['proxy', 'processor'] as const;

/** One of {@link CHARTS}. */
export type Chart = (typeof CHARTS)[number];

/** JSON schema of values, as far as it is read. */
export interface ValueSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, ValueSchema>>;
  readonly items?: ValueSchema;
}

/** What a chart says of itself. */
export interface ChartFiles {
  readonly about: {
    readonly name: string;
    readonly description: string;
    readonly version: string;
    readonly kubeVersion: string;
  };
  readonly values: Readonly<Record<string, unknown>>;
  readonly schema: ValueSchema;
}

/** Reads Chart.yaml, values.yaml and values.schema.json. */
export function readChart(chart: Chart): ChartFiles {
  const read = (file: string) => readFileSync(join(ROOT, 'docker/helm', chart, file), 'utf8');
  return {
    about: parseYaml(read('Chart.yaml')),
    values: parseYaml(read('values.yaml')),
    schema: JSON.parse(read('values.schema.json')) as ValueSchema,
  };
}

/** The README of a chart, from its schema and its values. */
export function chartReadme(chart: Chart): string {
  const { about, values, schema } = readChart(chart);
  const rows = valueRows(schema, values).map(({ path, value, about: description }) => [
    `\`${path}\``,
    value === undefined ? '' : `\`${JSON.stringify(value)}\``,
    description.replaceAll('|', '\\|'),
  ]);
  return `# Chart ${about.name}

${about.description}. Version ${about.version}; Kubernetes ${about.kubeVersion.replace(/-0$/, '')}.

\`\`\`bash
helm upgrade --install ${about.name} docker/helm/${about.name} --namespace kafka-http --create-namespace \\
  --set image.repository=registry.example.com/kafka-http-proxy/${about.name} \\
  --set config.kafka.bootstrap_servers=kafka:9092
\`\`\`

How the two tiers are deployed, sized and upgraded: [docs/deployment.md](../../../docs/deployment.md). Every key
of \`config\`: [docs/configuration.md](../../../docs/configuration.md); a key or a value that is none is refused by
\`helm template\` already. The chart may be a dependency of another one, beside the other tier's.

## Values

<!-- written by pnpm docs:charts -->

${table(['Value', 'Default', 'Meaning'], rows)}
`;
}

/** A value of a chart. */
export interface ValueRow {
  /** `a.b`, or `a[].b` for a part of each item. */
  readonly path: string;
  /** Its description; empty where the schema has none. */
  readonly about: string;
  /** Its default; undefined for a section and for a part of an item. */
  readonly value: unknown;
}

/** Each value of a chart, the sections before what is in them. */
export function valueRows(schema: ValueSchema, values: unknown, prefix = ''): ValueRow[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = `${prefix}${name}`;
    const value = (values as Record<string, unknown> | undefined)?.[name];
    const row = { path, about: property.description ?? '', value: property.properties ? undefined : value };
    if (property.properties) return [row, ...valueRows(property, value, `${path}.`)];
    const parts = Object.entries(property.items?.properties ?? {}).map(([part, { description }]) => ({
      path: `${path}[].${part}`,
      about: description ?? '',
      value: undefined,
    }));
    return [row, ...parts];
  });
}

// Writes the README of each chart from its values.schema.json and values.yaml. With --check it changes
// nothing and fails where one is out of date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseYaml, ROOT } from './lib.mjs';

export const CHARTS = ['proxy', 'processor'];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const chart of CHARTS) {
    const path = join(ROOT, 'docker/helm', chart, 'README.md');
    const text = chartReadme(chart);
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    if (process.argv.includes('--check')) {
      console.error(`docker/helm/${chart}/README.md is out of date: run node scripts/deploy/chart-readme.mjs`);
      process.exitCode = 1;
    } else {
      writeFileSync(path, text);
      console.log(`docker/helm/${chart}/README.md was written`);
    }
  }
}

export function readChart(chart) {
  const read = (file) => readFileSync(join(ROOT, 'docker/helm', chart, file), 'utf8');
  return {
    about: parseYaml(read('Chart.yaml')),
    values: parseYaml(read('values.yaml')),
    schema: JSON.parse(read('values.schema.json')),
  };
}

export function chartReadme(chart) {
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

<!-- written by scripts/deploy/chart-readme.mjs -->

${table([['Value', 'Default', 'Meaning'], ...rows])}
`;
}

/** Each value of a chart, the sections before what is in them. */
export function valueRows(schema, values, prefix = '') {
  return Object.entries(schema.properties).flatMap(([name, property]) => {
    const path = `${prefix}${name}`;
    const value = values?.[name];
    const row = { path, about: property.description ?? '', value: property.properties ? undefined : value };
    if (property.properties) return [row, ...valueRows(property, value, `${path}.`)];
    const of = property.items?.properties;
    if (!of) return [row];
    const parts = Object.entries(of).map(([part, { description }]) => ({
      path: `${path}[].${part}`,
      about: description ?? '',
      value: undefined,
    }));
    return [row, ...parts];
  });
}

/** A table with its columns aligned, as Biome formats Markdown. */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((text, column) => text.padEnd(widths[column])).join(' | ')} |`;
  const [head, ...body] = rows.map(line);
  return [head, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n');
}

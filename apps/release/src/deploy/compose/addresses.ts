import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../machine/paths.js';
import { parseYaml } from '../../machine/yaml.js';
import { type Model, tierOf } from './model.js';

interface Address {
  readonly file: string;
  readonly host: string;
  readonly port: string;
}

/** What is wrong with the services and ports that nginx and Prometheus of docker/ name. */
export function addressMistakes(model: Model): string[] {
  const named = addresses();
  const strangers = named.flatMap(({ file, host, port }) => {
    const env = model.services[host]?.environment;
    const expected = file.startsWith('nginx') ? env?.PROXY_PORT : env?.MANAGEMENT_PORT;
    return expected === port ? [] : [`${file} names ${host}:${port}`];
  });
  const counts = Object.entries(model.services).flatMap(([name, service]) => {
    const tier = tierOf(service);
    const count = named.filter(({ host }) => host === name).length;
    const expected = tier === undefined ? 0 : { proxy: 2, processor: 1 }[tier];
    return count === expected ? [] : [`${name} is named ${count} times instead of ${expected}`];
  });
  return [...strangers, ...counts];
}

function addresses(): Address[] {
  const read = (file: string) => readFileSync(join(ROOT, 'docker', file), 'utf8');
  const upstream = read('nginx/upstream.conf').matchAll(/^server ([\w-]+):(\d+)/gm);
  const { scrape_configs } = parseYaml<Prometheus>(read('prometheus/prometheus.yml'));
  const targets = scrape_configs.flatMap((job) => job.static_configs.flatMap((config) => config.targets));
  return [
    ...[...upstream].map(([, host = '', port = '']) => ({ file: 'nginx/upstream.conf', host, port })),
    ...targets.map((target) => {
      const [host = '', port = ''] = target.split(':');
      return { file: 'prometheus/prometheus.yml', host, port };
    }),
  ];
}

interface Prometheus {
  readonly scrape_configs: readonly { readonly static_configs: readonly { readonly targets: readonly string[] }[] }[];
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../machine/paths.js';
import { parseYaml } from '../../machine/yaml.js';
import type { Model } from './model.js';

/** Of docker/compose.yaml: what comes up only with `--profile observability`. */
export const PROFILE = 'observability';

interface Sources {
  readonly datasources: readonly {
    readonly uid: string;
    readonly url: string;
    readonly jsonData: { readonly exemplarTraceIdDestinations?: readonly { readonly datasourceUid: string }[] };
  }[];
}

interface Providers {
  readonly providers: readonly { readonly options: { readonly path: string } }[];
}

/** What is wrong with the wires between Grafana, its data sources, the collector and the tiers. */
export function wiringMistakes(model: Model): string[] {
  const read = <T>(file: string) => parseYaml<T>(readFileSync(join(ROOT, 'docker', file), 'utf8'));
  const { datasources } = read<Sources>('grafana/provisioning/datasources/datasources.yaml');
  const { providers } = read<Providers>('grafana/provisioning/dashboards/dashboards.yaml');
  const collector = readFileSync(join(ROOT, 'docker/otel-collector/config.yaml'), 'utf8');
  const uids = new Set(datasources.map(({ uid }) => uid));
  const links = datasources.flatMap(({ jsonData }) => jsonData.exemplarTraceIdDestinations ?? []);
  const mounted = new Set(model.services.grafana?.volumes?.map(({ target }) => target));
  return [
    ...datasources.flatMap(({ url }) => unreachable('grafana', url, model)),
    ...[...collector.matchAll(/TRACES_ENDPOINT:-([^}]+)\}/g)].flatMap(([, url = '']) =>
      unreachable('otel-collector', url, model),
    ),
    ...['proxy-0', 'processor-0'].flatMap((tier) => unreachable(tier, 'http://otel-collector:4318', model)),
    ...links.flatMap(({ datasourceUid: uid }) => (uids.has(uid) ? [] : [`exemplars lead to ${uid}, which is none`])),
    ...providers.flatMap(({ options: { path } }) => (mounted.has(path) ? [] : [`${path} is not mounted`])),
  ];
}

/** A service reaches another by its name where they share a network. */
function unreachable(from: string, url: string, { services }: Model): string[] {
  const host = new URL(url).hostname;
  const networks = (name: string) => Object.keys(services[name]?.networks ?? {});
  return networks(from).some((network) => networks(host).includes(network)) ? [] : [`${from} does not reach ${url}`];
}

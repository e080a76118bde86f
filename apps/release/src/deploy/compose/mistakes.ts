import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../machine/paths.js';
import { checkConfiguration, isKnownVariable } from '../service-check.js';
import { hardeningMistakes } from './hardening.js';
import { type Model, type Service, tierOf } from './model.js';

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

/** Images that are not of this repository, by the version that is named. */
const FOREIGN =
  /^(?:quay\.io\/oauth2-proxy\/oauth2-proxy|docker\.io\/(apache\/kafka|library\/nginx|library\/node|prom\/prometheus|grafana\/(grafana|tempo)|otel\/opentelemetry-collector-contrib)):v?\d+[\w.-]*$/;

const TARGETS = new Set(readFileSync(join(ROOT, 'docker/Dockerfile'), 'utf8').match(/(?<=^FROM .* AS )\w+$/gm));

/** What is wrong with a model, beside what a loader sees. */
export async function modelMistakes(model: Model): Promise<string[]> {
  const found = eachService(model, (name, service) => [
    ...imageMistakes(name, service),
    ...mountMistakes(name, service),
    ...hardeningMistakes(name, service, model),
  ]);
  return [...found, ...(await variableMistakes(model))];
}

/** The mistakes of all services. */
export function eachService(model: Model, mistakes: (name: string, service: Service) => string[]): string[] {
  return Object.entries(model.services).flatMap(([name, service]) => mistakes(name, service));
}

/** An image of ours has the version of the tree and is made here; another is pinned. */
export function imageMistakes(name: string, service: Service): string[] {
  const tier = tierOf(service);
  if (tier === undefined) return FOREIGN.test(service.image) ? [] : [`${name}: ${service.image} is no pinned image`];
  const mistakes: string[] = [];
  if (!service.image.endsWith(`:${version}`)) mistakes.push(`${name}: ${service.image} is not version ${version}`);
  if (!TARGETS.has(tier)) mistakes.push(`docker/Dockerfile has no target ${tier}`);
  if (service.build && service.build.target !== tier) mistakes.push(`${name}: it builds ${service.build.target}`);
  return mistakes;
}

/** The files that a service mounts and is built from exist. */
export function mountMistakes(name: string, { volumes = [], build }: Service): string[] {
  const files = volumes.flatMap(({ type, source }) => (type === 'bind' ? [source] : []));
  if (build) files.push(build.context, join(build.context, build.dockerfile));
  return files.filter((path) => !existsSync(join(ROOT, 'docker', path))).map((path) => `${name}: ${path} is missing`);
}

/** Each tier knows the variables it gets. @throws Error with what a tier's command said of them */
export async function variableMistakes(model: Model): Promise<string[]> {
  const mistakes: string[] = [];
  for (const [name, service] of Object.entries(model.services)) {
    const tier = tierOf(service);
    if (tier === undefined) continue;
    const unknown = Object.keys(service.environment).filter((variable) => !isKnownVariable(tier, variable));
    mistakes.push(...unknown.map((variable) => `${name}: ${variable} is unknown`));
    await checkConfiguration(tier, withSecrets(service, model));
  }
  return mistakes;
}

/** The environment of a service, with the secrets' files of this machine instead of the container's. */
function withSecrets({ environment, secrets = [] }: Service, model: Model): Record<string, string> {
  const files = new Map(
    secrets.map(({ source }) => [`/run/secrets/${source}`, model.secrets?.[source]?.file ?? 'no such secret']),
  );
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, files.get(value) ?? value]));
}

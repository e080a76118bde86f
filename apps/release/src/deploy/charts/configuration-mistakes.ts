import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from '../../machine/paths.js';
import { parseYaml } from '../../machine/yaml.js';
import type { Tier } from '../../tiers.js';
import { type KubernetesObject, workloadOf } from '../kubernetes-object.js';
import { checkConfiguration, isKnownVariable } from '../service-check.js';

/** Where the charts mount the configuration itself. */
const CONFIGURATION = '/etc/kafka-http-proxy';

/**
 * Gives the configuration of a release to the tier's own command, with files where the pod has mounts.
 *
 * @throws Error with what the command said
 */
export async function configurationMistakes(tier: Tier, objects: readonly KubernetesObject[]): Promise<string[]> {
  const { env: variables = [], volumeMounts = [] } = workloadOf(objects).spec.template.spec.containers[0];
  const mounts = volumeMounts.map(({ mountPath }) => mountPath).filter((path) => path !== CONFIGURATION);
  const written = objects.find(({ kind }) => kind === 'ConfigMap')?.data?.['config.yaml'] ?? '';
  const dir = mkdtempSync(join(tmpdir(), 'khp-chart-'));
  try {
    const local = (text: string) => mounts.reduce((all, mount) => withFiles(all, mount, dir), text);
    const file = join(dir, 'config.yaml');
    writeFileSync(file, local(written));
    const env = Object.fromEntries(
      variables.map(({ name, value }) => [name, value === undefined ? 'x' : local(value)]),
    );
    const wrong = Object.keys(env).flatMap((name) => (isKnownVariable(tier, name) ? [] : [`${name} is unknown`]));
    const used = await checkConfiguration(tier, env, ['--config', file]);
    const said = parseYaml<Record<string, unknown>>(written);
    for (const key of ['management_port', 'shutdown_grace'])
      if (used[key] !== said[key]) wrong.push(`${key} is not what the chart says`);
    return wrong;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The text with paths in a mount replaced by files of this machine, which are made. */
function withFiles(text: string, mount: string, dir: string): string {
  return text.replace(new RegExp(`${mount}/[\\w.-]+`, 'g'), (path) => {
    const file = join(dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contentOf(path));
    return file;
  });
}

/** What a tier takes there. */
function contentOf(path: string): Buffer | string {
  // Those that a port is to be served with belong together.
  if (/\/tls\.crt$/.test(path)) return testFile('server.pem');
  if (/\/tls\.key$/.test(path)) return testFile('server.key');
  // Of some authority: librdkafka reads what its properties name.
  if (/\.(crt|pem)$/.test(path)) return testFile('ca.pem');
  return path.endsWith('api-keys.yaml') ? `shop: ${'ab'.repeat(32)}\n` : 'x';
}

function testFile(name: string): Buffer {
  return readFileSync(join(ROOT, 'apps/processor/src/testing/certificates', name));
}

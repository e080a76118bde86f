import { join } from 'node:path';
import { cached, goTool } from '@kafka-http-proxy/testkit';
import { ensurePrograms } from '../machine/debian.js';
import { pythonLibrary } from '../machine/python-library.js';
import { run } from '../machine/run.js';
import { customSchema } from './custom-schemas.js';

const HELM = 'v3.22.0';
const COMPOSE_GO = 'v2.16.2';
const COMPOSE_MODULE = 'github.com/compose-spec/compose-go/v2';
const KUBERNETES_VALIDATE = '1.37.0';

/** Paths of what the checks of deployment run and compare with; plain data, since it goes to other processes. */
export interface DeploymentTools {
  readonly helm: string;
  /** Compose's own loader. */
  readonly compose: string;
  /** JSON schema of a compose file. */
  readonly composeSchema: string;
  /** Folder of Python packages: the schemas of Kubernetes, and what judges by them. */
  readonly python: string;
  /** JSON schemas of objects that are not of Kubernetes itself, by kind. */
  readonly customSchemas: Readonly<Record<string, string>>;
}

/**
 * Makes what is missing. It is kept in the user's cache, so only a first use takes minutes.
 *
 * @throws Error with what failed to install or build
 */
export async function deploymentTools(): Promise<DeploymentTools> {
  const python = pythonLibrary('kubernetes-validate', KUBERNETES_VALIDATE);
  // One Go build after another: each takes all cores, and they share what they compile.
  const helm = await goTool('helm', 'helm.sh/helm/v3/cmd/helm', HELM);
  const compose = await goTool('compose-spec', `${COMPOSE_MODULE}/cmd`, COMPOSE_GO);
  const composeSchema = await cached(`compose-schema-${COMPOSE_GO}.json`, async (draft) => {
    const module = await goModule(COMPOSE_MODULE, COMPOSE_GO);
    const copy = join(draft, 'schema.json');
    await run('cp', [join(module, 'schema/compose-spec.json'), copy]);
    return copy;
  });
  const customSchemas = {
    ScaledObject: await customSchema('ScaledObject', goModule),
    ServiceMonitor: await customSchema('ServiceMonitor', goModule),
    PrometheusRule: await customSchema('PrometheusRule', goModule),
  };
  await ensurePrograms({ nginx: 'nginx-light' });
  return { helm, compose, composeSchema, python: await python, customSchemas };
}

/** Folder of a Go module's sources. */
async function goModule(path: string, version: string): Promise<string> {
  const told = await run('go', ['mod', 'download', '-json', `${path}@${version}`], { cwd: '/' });
  return (JSON.parse(told) as { Dir: string }).Dir;
}

import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import { type DeploymentTools, deploymentTools } from './tools.js';
import { createValidator } from './validator.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Installed once for all files of the project `deployment`. */
    deployment: DeploymentTools;
    /** Versions of Kubernetes that the charts are for, the newest last. */
    kubernetesVersions: readonly string[];
  }
}

/** What the charts say: `kubeVersion` of each Chart.yaml. */
const OLDEST_MINOR = 28;

/** Gives the checks of deployment their tools: `inject('deployment')`. */
export default async function setup(project: TestProject): Promise<void> {
  const tools = await deploymentTools();
  const validator = createValidator(tools);
  try {
    const versions = await validator.kubernetesVersions();
    project.provide('deployment', tools);
    project.provide(
      'kubernetesVersions',
      versions.filter((version) => Number(version.split('.')[1]) >= OLDEST_MINOR),
    );
  } finally {
    validator.close();
  }
}

import type {} from 'vitest';
import type { TestProject } from 'vitest/node';
import { type Installation, install, remove } from './installation.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The packages as somebody else has them. */
    installation: Installation;
  }
}

/** Installs the packed packages once for all files: `inject('installation')`. */
export default async function setup(project: TestProject): Promise<() => void> {
  const installation = await install();
  project.provide('installation', installation);
  return () => remove(installation);
}

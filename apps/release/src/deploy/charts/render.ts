import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../machine/paths.js';
import { run } from '../../machine/run.js';
import { parseYamlStream } from '../../machine/yaml.js';
import type { KubernetesObject } from '../kubernetes-object.js';

/** What every installation has to say. */
export const IMAGE = ['--set', 'image.repository=registry.example.com/kafka-http-proxy'] as const;

/** What is rendered, and for whom. */
export interface Rendering {
  /** Path of the chart, from the root of the repository. */
  readonly chart: string;
  /** Arguments of helm that give values. */
  readonly values: readonly string[];
  /** Of Kubernetes. */
  readonly version: string;
  /** Name of the release; `test` when left out. */
  readonly release?: string;
}

/** Makes the objects of a chart. @throws Error with what helm said of the values */
export type Render = (rendering: Rendering) => Promise<readonly KubernetesObject[]>;

/**
 * Renders by `helm template`; what was rendered once is kept.
 *
 * @param helm its path
 * @param cwd where relative paths start
 */
export function createRenderer(helm: string, cwd = ROOT): Render {
  const made = new Map<string, Promise<readonly KubernetesObject[]>>();
  return ({ chart, values, version, release = 'test' }) => {
    const args = ['template', release, chart, '--namespace', 'kafka-http', '--kube-version', version, ...values];
    const key = args.join('\0');
    const rendered = made.get(key) ?? run(helm, args, { cwd }).then((text) => parseYamlStream<KubernetesObject>(text));
    made.set(key, rendered);
    return rendered;
  };
}

/** The values that a chart is tried with: its defaults, and each file of its folder ci. */
export function valuesOf(chart: string): { readonly name: string; readonly values: readonly string[] }[] {
  const folder = join('docker/helm', chart, 'ci');
  const files = readdirSync(join(ROOT, folder)).sort();
  return [
    { name: 'default', values: IMAGE },
    ...files.map((file) => ({ name: file.replace('-values.yaml', ''), values: ['-f', join(folder, file)] })),
  ];
}

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { goTool } from '@kafka-http-proxy/testkit';
import { ROOT } from '../machine/paths.js';
import { run } from '../machine/run.js';
import { WORK } from './buildah.js';
import type { OpenImage } from './container.js';
import { imageName, type Target, VERSION } from './targets.js';

const SYFT = 'v1.57.1';

/** What is read of a part of an image. */
export interface Component {
  readonly name: string;
  readonly group?: string;
  readonly version?: string;
  readonly purl?: string;
  readonly properties?: readonly { readonly name: string; readonly value: string }[];
}

/** A bill of materials in CycloneDX. */
export interface Bill {
  readonly file: string;
  readonly text: string;
  readonly components: readonly Component[];
}

/** Path of syft. Go builds it on first use, which takes minutes; it is kept. */
export function syft(): Promise<string> {
  return goTool('syft', 'github.com/anchore/syft/cmd/syft', SYFT);
}

/** Writes the bill of materials of an image: npm packages, Node, Debian's packages, as they are found in it. */
export async function writeBill(program: string, target: Target, { root }: OpenImage): Promise<Bill> {
  const folder = join(WORK, 'sbom');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${imageName(target).replace(/[/:]/g, '-')}.cdx.json`);
  // What is installed counts, as in an image; a folder would be searched for lockfiles.
  const how = ['--override-default-catalogers', 'image', '--select-catalogers', '-file', '--quiet'];
  const [name = ''] = imageName(target).split(':');
  const source = ['--source-name', name, '--source-version', VERSION];
  const env = { ...process.env, SYFT_CHECK_FOR_APP_UPDATE: 'false' };
  await run(program, ['scan', `dir:${root}`, ...how, ...source, '-o', `cyclonedx-json@1.6=${file}`], { env });
  const text = readFileSync(file, 'utf8');
  return { file, text, components: (JSON.parse(text) as { components: Component[] }).components };
}

/** What CycloneDX's own schema does not accept of a bill; null where it accepts all. */
export async function schemaProblems({ text }: Bill): Promise<unknown> {
  return await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text);
}

/** The npm packages of the app in an image, without those of the base image; as `name@version`. */
export function appPackages({ components }: Bill): string[] {
  return components
    .filter(({ purl }) => purl?.startsWith('pkg:npm/'))
    .filter(({ properties = [] }) =>
      properties.some(({ name, value }) => /^syft:location/.test(name) && /^\/app\//.test(value)),
    )
    .map(({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`);
}

/** Those that are not in the lockfile at their version, but for our own. */
export function notInLockfile(packages: readonly string[]): string[] {
  const lock = readFileSync(join(ROOT, 'pnpm-lock.yaml'), 'utf8');
  return packages
    .filter((id) => !/^(@kafka-http-proxy\/|kafka-http-proxy@)/.test(id))
    .filter((id) => !lock.includes(`\n  ${id}:`) && !lock.includes(`\n  '${id}':`));
}

// A bill of materials in CycloneDX 1.6: the npm packages of the app, Node, and Debian's packages, all of
// them read from the image itself. Checked against CycloneDX's own schema.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { REPOSITORY, run, WORK } from './machine.mjs';
import { doing } from './report.mjs';

const TOOLS = join(WORK, 'tools');
const VALIDATOR = ['@cyclonedx/cyclonedx-library@10.3.0', 'ajv@8', 'ajv-formats@3', 'ajv-formats-draft2019@1'];

/** Writes the bill; resolves with its file and its components. Throws when it is not valid. */
export async function writeSbom({ root, image, config }, version) {
  const { SPDX, Spec, Validation } = await validator();
  const components = [
    ...npmPackages(join(root, 'app/node_modules/.pnpm')),
    {
      type: 'application',
      name: 'node',
      version: nodeVersion(config),
      purl: `pkg:generic/node@${nodeVersion(config)}`,
    },
    ...debianPackages(readFileSync(join(root, 'var/lib/dpkg/status'), 'utf8')),
  ].map(({ licence, ...component }) => ({
    'bom-ref': component.purl,
    ...component,
    ...(licence && { licenses: [licenceEntry(licence, SPDX)] }),
  }));
  const bom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: new Date().toISOString(),
      component: { type: 'container', 'bom-ref': image, name: image.split(':')[0], version },
    },
    components,
  };
  const text = JSON.stringify(bom, undefined, 2);
  const problems = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text);
  if (problems) throw new Error(JSON.stringify(problems).slice(0, 2000));
  const folder = join(WORK, 'sbom');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${image.replace(/[/:]/g, '-')}.cdx.json`);
  writeFileSync(file, `${text}\n`);
  return { file, components };
}

/** npm packages that are not in the lockfile at their version, but for our own. */
export function notInLockfile(components) {
  const lock = readFileSync(join(REPOSITORY, 'pnpm-lock.yaml'), 'utf8');
  return components
    .filter(({ purl }) => purl.startsWith('pkg:npm/') && !purl.includes('kafka-http-proxy'))
    .map(({ group, name, version }) => `${group ? `${group}/` : ''}${name}@${version}`)
    .filter((id) => !lock.includes(`\n  ${id}:`) && !lock.includes(`\n  '${id}':`));
}

async function validator() {
  if (!existsSync(join(TOOLS, 'node_modules/@cyclonedx/cyclonedx-library'))) {
    doing('installing the validator of CycloneDX');
    mkdirSync(TOOLS, { recursive: true });
    writeFileSync(join(TOOLS, 'package.json'), '{"private":true}');
    const quiet = ['--no-audit', '--no-fund', '--omit=optional', '--omit=peer', '--legacy-peer-deps'];
    await run('npm', ['install', ...quiet, ...VALIDATOR], { cwd: TOOLS });
  }
  return createRequire(join(TOOLS, 'package.json'))('@cyclonedx/cyclonedx-library');
}

function npmPackages(store) {
  const folders = readdirSync(store).flatMap((entry) => {
    const modules = join(store, entry, 'node_modules');
    return readdirSync(modules, { withFileTypes: true }).flatMap((one) => {
      if (!one.isDirectory()) return [];
      if (!one.name.startsWith('@')) return [join(modules, one.name)];
      const scoped = readdirSync(join(modules, one.name), { withFileTypes: true });
      return scoped.filter((inner) => inner.isDirectory()).map((inner) => join(modules, one.name, inner.name));
    });
  });
  return folders.map((folder) => {
    const { name, version, license, licenses } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const [group, bare] = name.startsWith('@') ? name.split('/') : [undefined, name];
    const purl = `pkg:npm/${group ? `${encodeURIComponent(group)}/` : ''}${bare}@${version}`;
    const licence = license?.type ?? license ?? licenses?.[0]?.type;
    return { type: 'library', ...(group && { group }), name: bare, version, purl, licence };
  });
}

function debianPackages(status) {
  const field = (text, name) => new RegExp(`^${name}: (.+)$`, 'm').exec(text)?.[1];
  return status
    .split('\n\n')
    .filter((text) => field(text, 'Status')?.endsWith(' installed'))
    .map((text) => {
      const [name, version, arch] = ['Package', 'Version', 'Architecture'].map((one) => field(text, one));
      const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${arch}`;
      return { type: 'library', name, version, purl };
    });
}

function licenceEntry(licence, SPDX) {
  if (SPDX.isSupportedSpdxId(licence)) return { license: { id: licence } };
  return / (OR|AND|WITH) /.test(licence) ? { expression: licence } : { license: { name: licence } };
}

function nodeVersion(config) {
  return config.Env.find((one) => one.startsWith('NODE_VERSION=')).slice('NODE_VERSION='.length);
}

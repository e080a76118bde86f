// trim.mjs <dir>: takes out of a deployed app what it does not need to run, and prints the Debian
// packages that its native parts are linked to. A source build of the Kafka client leaves 294 MB of
// sources, objects and static libraries behind; 10 MB of that are used.
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync, rmdirSync, rmSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';

const app = resolve(process.argv[2]);
const store = join(app, 'node_modules/.pnpm');

const CLIENT = '@confluentinc/kafka-javascript';
/** All that is loaded; the .node file looks for the libraries in ../deps. */
const CLIENT_FILES = [
  /^package\.json$/,
  /^LICENSE/,
  /^librdkafka\.js$/,
  /^lib\//,
  /^build\/Release\/[^/]+\.node$/,
  /^build\/deps\/[^/]+\.so\.1$/,
];
/** Its dependencies that download or compile it, and are not loaded afterwards. */
const CLIENT_INSTALLERS = ['@mapbox/node-pre-gyp', 'js-yaml', 'nan', 'tar'];

const NOT_RUN =
  /\.([cm]?ts|map|markdown|md|tsbuildinfo|yml|html|png|sh)$|(^|\.)(test|spec|bench|benchmark)\.[cm]?js$|^(\..*|tsconfig.*\.json|pnpm-lock\.yaml)$/i;
const LEGAL = /^(licen[cs]e|notice|copying)/i;
/** At the top of a package. */
const NOT_RUN_FOLDERS = new Set(
  'test tests __tests__ fixture fixtures example examples bench benchmark benchmarks docs'.split(' '),
);

trimClient();
unlinkTypes();
collectUnreachable();
for (const folder of [app, ...packages()]) trimPackage(folder, folder);
rmSync(join(app, 'node_modules/.modules.yaml'), { force: true });
rmSync(join(app, 'node_modules/.pnpm-workspace-state-v1.json'), { force: true });
rmSync(join(store, 'lock.yaml'), { force: true });
console.log(debianPackages().join('\n'));

function trimClient() {
  for (const folder of packages().filter((path) => path.endsWith(CLIENT))) {
    for (const file of files(folder)) {
      const path = relative(folder, file);
      if (!CLIENT_FILES.some((wanted) => wanted.test(path))) rmSync(file);
      else if (/\.(node|so\.1)$/.test(path)) execFileSync('strip', ['--strip-unneeded', file]);
    }
    removeEmpty(folder);
    for (const name of CLIENT_INSTALLERS) rmSync(join(folder, '../..', name), { force: true });
  }
}

/** Packages of types that others depend on for those who compile. */
function unlinkTypes() {
  for (const entry of readdirSync(store)) {
    const types = join(store, entry, 'node_modules/@types');
    if (!entry.startsWith('@types+')) rmSync(types, { recursive: true, force: true });
  }
}

/** Removes the packages that no symbolic link leads to any more. */
function collectUnreachable() {
  const reached = new Set();
  const follow = (modules) => {
    for (const link of links(modules)) {
      const entry = relative(store, realpathSync(link)).split('/')[0];
      if (reached.has(entry)) continue;
      reached.add(entry);
      follow(join(store, entry, 'node_modules'));
    }
  };
  follow(join(app, 'node_modules'));
  for (const entry of readdirSync(store)) {
    if (entry !== 'node_modules' && !reached.has(entry)) rmSync(join(store, entry), { recursive: true });
  }
  // Links that pnpm adds for packages that import what they do not declare: ours declare all of it.
  rmSync(join(store, 'node_modules'), { recursive: true, force: true });
}

function trimPackage(folder, top) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name === 'node_modules') continue;
      if (folder === top && NOT_RUN_FOLDERS.has(entry.name)) rmSync(path, { recursive: true });
      else trimPackage(path, top);
    } else if (NOT_RUN.test(entry.name) && !LEGAL.test(entry.name)) rmSync(path);
  }
  if (folder !== top && readdirSync(folder).length === 0) rmdirSync(folder);
}

/** Whose shared libraries the native files ask for, apart from those that Node asks for too. */
function debianPackages() {
  const there = new Set(libraries(process.execPath));
  const names = files(app)
    .filter((path) => path.endsWith('.node'))
    .flatMap(libraries)
    .filter((library) => !there.has(library) && !realpathSync(library).startsWith(app))
    .map((library) => execFileSync('dpkg', ['-S', `*/${basename(library)}`], { encoding: 'utf8' }).split(':')[0]);
  return [...new Set(names)];
}

function libraries(file) {
  const listed = execFileSync('ldd', [file], { encoding: 'utf8' });
  if (listed.includes('not found')) throw new Error(`${file} would not load:\n${listed}`);
  return [...listed.matchAll(/=> (\/\S+)/g)].map(([, library]) => library);
}

/** The folder of every package in the store. */
function packages() {
  return readdirSync(store)
    .filter((entry) => entry !== 'node_modules' && lstatSync(join(store, entry)).isDirectory())
    .flatMap((entry) => children(join(store, entry, 'node_modules')))
    .filter((path) => !lstatSync(path).isSymbolicLink());
}

function links(modules) {
  return children(modules).filter((path) => lstatSync(path).isSymbolicLink() && readlinkSync(path) !== '');
}

/** The packages in a node_modules folder, those of a scope too. */
function children(modules) {
  if (!existsSync(modules)) return [];
  return readdirSync(modules).flatMap((name) => {
    if (name.startsWith('.')) return [];
    if (name.startsWith('@')) return readdirSync(join(modules, name)).map((inner) => join(modules, name, inner));
    return [join(modules, name)];
  });
}

function files(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return files(path);
    return entry.isFile() ? [path] : [];
  });
}

function removeEmpty(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeEmpty(join(folder, entry.name));
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

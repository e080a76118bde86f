import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { parseSync } from 'oxc-parser';
import { ROOT } from '../machine/paths.js';

/** A source file of the workspace and what it imports. */
export interface SourceFile {
  /** From the root of the repository, e.g. `apps/proxy/src/start.ts`. */
  readonly path: string;
  /** Number of lines. */
  readonly lines: number;
  /** Whether it is part of no build: a test, or a helper of tests in `testing/`. */
  readonly isTest: boolean;
  /** Paths of files in the same package that it imports, types among them. */
  readonly imports: readonly string[];
  /** Workspace packages that it imports, by folder, e.g. `packages/protocol`. */
  readonly packages: readonly string[];
}

const PARTS = ['packages', 'apps'];
const SCOPE = '@kafka-http-proxy/';

/** All TypeScript below `packages/*\/src` and `apps/*\/src`, tests included. */
export function readSourceFiles(): SourceFile[] {
  const folders = new Map<string, string>();
  for (const part of PARTS) {
    for (const name of readdirSync(join(ROOT, part))) folders.set(name, `${part}/${name}`);
  }
  return [...folders.values()].flatMap((folder) => filesBelow(`${folder}/src`).map((path) => read(path, folders)));
}

function filesBelow(folder: string): string[] {
  let entries: string[];
  try {
    entries = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  } catch (error) {
    // A folder without `src` is no package.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return entries.filter((name) => name.endsWith('.ts')).map((name) => posix.join(folder, name));
}

function read(path: string, folders: ReadonlyMap<string, string>): SourceFile {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const imports = new Set<string>();
  const packages = new Set<string>();
  for (const specifier of specifiers(path, text)) {
    if (specifier.startsWith('.')) imports.add(posix.join(dirname(path), specifier).replace(/\.js$/, '.ts'));
    else if (specifier.startsWith(SCOPE)) {
      const folder = folders.get(specifier.slice(SCOPE.length).split('/')[0] ?? '');
      if (folder !== undefined) packages.add(folder);
    }
  }
  return {
    path,
    lines: text.split('\n').length - 1,
    isTest: /\.test\.ts$|\/testing\//.test(path),
    imports: [...imports],
    packages: [...packages],
  };
}

/** What a file imports and re-exports, static and dynamic, as written. */
function specifiers(path: string, text: string): string[] {
  const { module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const found = module.staticImports.map((one) => one.moduleRequest.value);
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest } of entries) if (moduleRequest) found.push(moduleRequest.value);
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^['"](.*)['"]$/.exec(text.slice(moduleRequest.start, moduleRequest.end));
    if (literal?.[1] !== undefined) found.push(literal[1]);
  }
  return found;
}

import { readFileSync } from 'node:fs';
import type { Acl } from '../kafka/admin.js';
import { repositoryPath } from '../services/service-process.js';

/* What docs/security.md shows, for the suite to run: what it says is what was tried. */

export type Tier = 'proxy' | 'processor';

let guide: string | undefined;

/** The block of the guide that begins with ```` ```language suite=name ````. @throws {Error} when there is none */
export function snippet(language: 'yaml' | 'sh' | 'nginx', name: string): string {
  guide ??= readFileSync(repositoryPath('docs/security.md'), 'utf8');
  const found = new RegExp(`^\`\`\`${language} suite=${name}\n(.*?)^\`\`\`$`, 'ms').exec(guide)?.[1];
  if (found === undefined) throw new Error(`docs/security.md has no block: ${language} suite=${name}`);
  return found;
}

/** The variables of a block with one `NAME=value` a line. */
export function variables(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** What the guide's `kafka-acls` commands grant, one entry an operation. @param principal instead of `User:<who>` */
export function guideAcls(who: Tier | 'operator', principal: string): Acl[] {
  return snippet('sh', who === 'operator' ? 'operator-acls' : 'acls')
    .split('\n')
    .filter((line) => line.includes(`--allow-principal User:${who} `))
    .flatMap((line) => {
      const operations = [...line.matchAll(/--operation (\w+)/g)].map(([, name]) => name as Acl['operation']);
      const [, resource, name = ''] = /--(topic|group) (\S+)$/.exec(line) ?? [];
      return operations.map((operation) => ({ principal, operation, resource: resource as Acl['resource'], name }));
    });
}
